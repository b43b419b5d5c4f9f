#!/bin/sh
# The unit's command line on DSM: no -H, everything else from the vendor's file.
# shellcheck source=/dev/null
. /usr/lib/nas-registry-lab/given/nas.env
exec "/var/packages/$PACKAGE/target/usr/bin/dockerd" --config-file "/var/packages/$PACKAGE/etc/dockerd.json"
