#!/bin/sh
# Succeeds when Docker starts with the host.
# shellcheck source=/dev/null
. /usr/lib/nas-registry-lab/given/nas.env
[ "$PACKAGE_STATE" = started ]
