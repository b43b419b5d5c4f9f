#!/bin/sh
# What depends on the knobs of this host. Runs at every boot; what exists is left alone.
set -eu
lib=/usr/lib/nas-registry-lab
# shellcheck source=/dev/null
. "$lib/given/nas.env"
"$lib/cron.sh"
[ ! -e /etc/docker/daemon.json ] || exit 0

mkdir -p /etc/docker
cp "$GIVEN/daemon.json" /etc/docker/daemon.json
cp "$GIVEN/host_key" /etc/ssh/ssh_host_ed25519_key
cp "$GIVEN/host_key.pub" /etc/ssh/ssh_host_ed25519_key.pub
chmod 600 /etc/ssh/ssh_host_ed25519_key
"$lib/sshd_config.sh" /etc/ssh/ssh_host_ed25519_key > /etc/ssh/sshd_config

if [ "$LOGIN" = root ]; then home=/root; else home=/home/$LOGIN; fi
mkdir -p "$home"
# 27 is the group sudo.
"$lib/users.sh" 27 "$home" /home
[ -n "$SOCKET_GROUP_REFUSES" ] || usermod --append --groups docker "$LOGIN"
case $SUDO in
  nopasswd)
    echo "$LOGIN ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/lab
    chmod 440 /etc/sudoers.d/lab
    ;;
  none) sed -i '/^%sudo/d' /etc/sudoers ;;
esac
