#!/bin/sh
# Runs at every boot: fills /etc/config and the data volume the first time, and makes again what a reboot loses.
set -eu
lib=/usr/lib/nas-registry-lab
# shellcheck source=/dev/null
. "$lib/given/nas.env"
data=/share/$VOLUME
INSTALL=$data/.qpkg/container-station
export INSTALL

# Quoted as QTS writes it, admin first: "admin","alice",@"everyone".
writers() {
  echo "admin,$SHARE_WRITERS" | sed 's/,$//; s/\(@\{0,1\}\)\([^,@]*\)/\1"\2"/g'
}

share_section() { # name, path
  cat <<CONF
[$1]
comment = 
path = $2
browsable = yes
oplocks = yes
ftp write only = no
recycle bin = yes
recycle bin administrators only = no
public = yes
invalid users = 
read list = 
write list = $(writers)
valid users = "root",$(writers)
inherit permissions = yes
CONF
}

if [ ! -e /etc/config/uLinux.conf ]; then
  cat > /etc/config/uLinux.conf <<CONF
[System]
Model = TS-453D
Internal Model = TS-X53
Server Name = $NAS_NAME
Version = 5.2.6
Build Number = 20250620
CONF
  cp "$lib/passwd" "$lib/shadow" "$lib/group" /etc/config/
  chmod 640 /etc/config/shadow
  : > /etc/config/qpkg.conf
  echo '0 4 * * * /sbin/hwclock -s' > /etc/config/crontab
  mkdir -p /etc/config/ssh
  cp "$GIVEN/host_key" /etc/config/ssh/ssh_host_ed25519_key
  cp "$GIVEN/host_key.pub" /etc/config/ssh/ssh_host_ed25519_key.pub
  chmod 600 /etc/config/ssh/ssh_host_ed25519_key
  : > /etc/config/smb.conf

  mkdir -p "$data/homes" "$data/Public"
  if [ -z "$SHARED_FOLDER_ABSENT" ]; then
    mkdir -p "$data/Container"
    chmod 777 "$data/Container"
    share_section Container "$data/Container" > /etc/config/smb.conf
  fi
  printf '[SHARE_DEF]\ndefVolMP = %s\n' "$data" > /etc/config/def_share.info
  if [ "$PACKAGE_STATE" != absent ]; then "$lib/install.sh"; fi
fi

for name in homes Public Container; do
  if [ -d "$data/$name" ]; then ln -sfn "$VOLUME/$name" "/share/$name"; fi
done

# QTS writes this file again at every boot; hand-made changes do not last.
"$lib/sshd_config.sh" /etc/config/ssh/ssh_host_ed25519_key > /etc/config/ssh/sshd_config
if [ "$LOGIN" = admin ]; then home=/root; else home=/share/homes/$LOGIN; fi
mkdir -p "$home"
"$lib/users.sh" 0 "$home" /share/homes
case $SUDO in
  nopasswd) echo "$LOGIN ALL=(ALL) NOPASSWD: ALL" >> /usr/etc/sudoers ;;
  none) sed -i '/^%administrators/d' /usr/etc/sudoers ;;
esac
if [ -n "$SOCKET_GROUP_REFUSES" ] && ! grep -q '^docker:' /etc/group; then echo 'docker:x:999:' >> /etc/group; fi
if [ -d "$INSTALL" ]; then
  ln -sfn "$INSTALL/etc/docker" /etc/docker
  ln -sfn "$INSTALL/container-station.sh" /etc/init.d/container-station.sh
fi
/etc/init.d/crond.sh stop
crontab /etc/config/crontab
/etc/init.d/crond.sh start
