#!/bin/sh
# engine.sh start|stop|restart|status: what the vendors' service managers do to the Docker Engine in the end.
# The command line of the engine is the vendor's: engine-command.sh beside this file.
set -eu
lib=/usr/lib/nas-registry-lab
PATH=$lib/engine:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
pidfile=/var/run/docker.pid

running() { [ -s "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null; }

start() {
  if running; then return 0; fi
  rm -f "$pidfile"
  env -i PATH="$PATH" HOME=/root setsid "$lib/engine-command.sh" >> /var/log/docker.log 2>&1 < /dev/null &
  pid=$!
  tries=600
  while [ "$tries" -gt 0 ]; do
    if docker -H unix:///var/run/docker.sock version > /dev/null 2>&1; then return 0; fi
    if ! kill -0 "$pid" 2>/dev/null; then
      echo "the Docker Engine did not start; /var/log/docker.log ends:" >&2
      tail -n 3 /var/log/docker.log >&2
      return 1
    fi
    sleep 0.1
    tries=$((tries - 1))
  done
  echo "the Docker Engine did not answer within 60 s" >&2
  return 1
}

stop() {
  if ! running; then return 0; fi
  pid=$(cat "$pidfile")
  kill "$pid"
  tries=${ENGINE_STOP_TENTHS:-900}
  while kill -0 "$pid" 2>/dev/null; do
    if [ "$tries" -le 0 ]; then kill -9 "$pid"; break; fi
    sleep 0.1
    tries=$((tries - 1))
  done
}

case ${1-} in
  start) start ;;
  stop) stop ;;
  restart) stop; start ;;
  status) running ;;
  *) echo "usage: $0 start|stop|restart|status" >&2; exit 2 ;;
esac
