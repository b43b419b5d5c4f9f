#!/bin/sh
# Installs Container Station on the data volume, in QNAP's layout.
set -eu
lib=/usr/lib/nas-registry-lab
# shellcheck source=/dev/null
. "$lib/given/nas.env"

mkdir -p "$INSTALL/etc/docker/tls" "$INSTALL/usr/bin/.libs" "$INSTALL/homes/admin"
cp -R "$lib/container-station/." "$INSTALL/"
# The real programs sit behind the wrappers; the lab keeps them once, outside the volume.
for name in docker dockerd containerd containerd-shim-runc-v2 runc docker-proxy docker-init; do
  ln -s "$lib/engine/$name" "$INSTALL/usr/bin/.libs/$name"
done
# Administrators who are not number 0 may look into this directory, not make their own home in it.
chown 0:0 "$INSTALL/homes"
chmod 750 "$INSTALL/homes"
cp "$GIVEN/daemon.json" "$INSTALL/etc/docker.json"
cat > /etc/config/qpkg.conf <<CONF
[container-station]
Name = container-station
Display_Name = Container Station
Version = 3.1.2.1742
Enable = $(if [ "$PACKAGE_STATE" = stopped ]; then echo FALSE; else echo TRUE; fi)
Install_Path = $INSTALL
Shell = $INSTALL/container-station.sh
RC_Number = 101
CONF
