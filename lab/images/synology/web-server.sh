#!/bin/sh
# Starts DSM's web server, at every boot.
set -eu
lib=/usr/lib/nas-registry-lab
# shellcheck disable=SC2034
root=
# shellcheck source=/dev/null
. "$lib/given/nas.env"
# shellcheck source=/dev/null
. "$lib/web-api/web.sh"
rm -f /run/nginx.pid
generate
nginx -c "$lib/nginx.conf"
