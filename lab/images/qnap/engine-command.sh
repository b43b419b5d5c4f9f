#!/bin/sh
# Container Station's supervisor runs this script of the package; people edit it, so it must be the one that counts.
exec "$(/sbin/getcfg container-station Install_Path -f /etc/config/qpkg.conf)/script/run-docker.sh"
