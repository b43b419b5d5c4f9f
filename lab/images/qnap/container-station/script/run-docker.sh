#!/bin/sh
# Builds the engine's command line: flags here, the rest in etc/docker.json.
QPKG_DIR=$(/sbin/getcfg container-station Install_Path -f /etc/config/qpkg.conf)
PATH=$QPKG_DIR/usr/bin/.libs:$PATH
DOCKER_ROOT=${QPKG_DIR%/.qpkg/*}/Container/container-station-data/lib/docker
DOCKER_OPTS="--config-file=$QPKG_DIR/etc/docker.json --data-root=$DOCKER_ROOT --userland-proxy=false"
# shellcheck disable=SC2086 # a list of options
exec dockerd $DOCKER_OPTS
