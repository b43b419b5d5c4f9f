#!/bin/sh
# /etc/init.d/crond.sh start|stop|restart: cron of QTS, which works from a copy of /etc/config/crontab.
set -eu
pidfile=/run/crond.pid
mkdir -p /var/spool/cron/crontabs
case ${1-} in
  stop | restart) if [ -s "$pidfile" ]; then kill "$(cat "$pidfile")" 2>/dev/null || :; fi; rm -f "$pidfile" ;;
esac
case ${1-} in
  start | restart)
    # Whoever starts it: its PATH has no docker.
    env -i PATH=/bin:/sbin:/usr/bin:/usr/sbin busybox crond -f -c /var/spool/cron/crontabs > /dev/null 2>&1 < /dev/null &
    echo $! > "$pidfile"
    ;;
esac
