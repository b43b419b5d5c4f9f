#!/bin/sh
# Succeeds when the package is turned on, so that its engine starts with the NAS.
# shellcheck source=/dev/null
. /usr/lib/nas-registry-lab/given/nas.env
[ -e "/var/packages/$PACKAGE/enabled" ]
