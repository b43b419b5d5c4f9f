#!/bin/sh
# container-station.sh start|stop|restart|status: Container Station's service script, also /etc/init.d/container-station.sh.
lib=/usr/lib/nas-registry-lab
if [ "$(id -u)" != 0 ]; then echo "Permission denied: run as admin" >&2; exit 1; fi
case ${1-} in
  start | stop | restart)
    # Harmless, and printed by the real one too.
    command -v jq > /dev/null || echo "$0: line 87: jq: not found" >&2
    "$lib/engine.sh" "$1" || exit 1
    if [ "$1" = stop ]; then enable=FALSE; else enable=TRUE; fi
    /sbin/setcfg container-station Enable "$enable" -f /etc/config/qpkg.conf
    ;;
  status) if "$lib/engine.sh" status; then echo "container-station is running"; else echo "container-station is stopped"; exit 1; fi ;;
  *) echo "Usage: $0 {start|stop|restart|status}" >&2; exit 1 ;;
esac
