#!/bin/sh
# docker version and info against the engine of vendor.sh.
cd "$(dirname "$0")/.." || exit 1
[ -f docker-info ] || exit 1
case "$*" in
version*) echo 24.0.2 ;;
*DockerRootDir*) echo /volume1/@docker ;;
info*) cat docker-info ;;
esac
