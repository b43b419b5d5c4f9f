#!/bin/sh
# Succeeds when Container Station is turned on, so that its engine starts with the NAS.
[ "$(/sbin/getcfg container-station Enable -f /etc/config/qpkg.conf)" = TRUE ]
