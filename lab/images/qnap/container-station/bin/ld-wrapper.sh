#!/bin/sh
# Sourced by the wrappers: sets HOME whatever it was.
QPKG_DIR=$(/sbin/getcfg container-station Install_Path -f /etc/config/qpkg.conf)
HOME=$QPKG_DIR/homes/$(id -un)
export HOME
