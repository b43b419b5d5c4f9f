#!/bin/sh
# Behaves as the official image's: options or a configuration file alone mean redis-server; root gives way to redis.
set -e
case "$1" in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ] && [ "$(id -u)" = 0 ]; then
  find . \! -user redis -exec chown redis '{}' +
  exec gosu redis "$0" "$@"
fi
# Files of Redis are its own business, unless somebody asked for another umask.
if [ "$(umask)" = 0022 ]; then umask 0077; fi
exec "$@"
