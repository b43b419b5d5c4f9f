#!/bin/sh
# scheduled.sh entries: the commands that cron runs as root, one a line. scheduled.sh run NUMBER: that one of them, now, as cron would;
# for tests, which cannot wait.
set -eu
lib=/usr/lib/nas-registry-lab
# shellcheck source=/dev/null
. "$lib/given/nas.env"
entries() { "$lib/cron-table.sh" | sed -nE 's/^([^#[:space:]]+[[:space:]]+){5}root[[:space:]]+//p'; }
case ${1-} in
  entries) entries ;;
  run)
    command=$(entries | sed -n "$2p")
    path=$("$lib/cron-table.sh" | grep '^PATH=' | head -n 1)
    cd /root
    exec env -i "$path" HOME=/root SHELL=/bin/sh "USER=$SUPERUSER" "LOGNAME=$SUPERUSER" /bin/sh -c "$command"
    ;;
esac
