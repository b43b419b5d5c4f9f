#!/bin/sh
# Leaves the Debian base a Debian with Docker Engine, whose init script is what restarts it.
set -eu
lib=/usr/lib/nas-registry-lab
chmod 755 "$lib"/*.sh
ln -s "$lib"/engine/* /usr/bin/
ln -s "$lib/engine.sh" /etc/init.d/docker
ln -s "$lib/cron.sh" /usr/sbin/cron
mkdir -p /etc/cron.d
rm -f /etc/cron.d/*
groupadd --system docker
rm -rf /etc/sudoers.d/*
cat > /etc/sudoers <<'SUDOERS'
Defaults secure_path="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
root ALL=(ALL:ALL) ALL
%sudo ALL=(ALL:ALL) ALL
@includedir /etc/sudoers.d
SUDOERS
chmod 440 /etc/sudoers
