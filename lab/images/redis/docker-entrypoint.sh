#!/bin/sh
# Behaves as the official image's: options or a configuration file alone mean valkey-server; root gives way to its user.
set -e
case "$1" in
  -* | *.conf) set -- valkey-server "$@" ;;
esac
case $1 in
  redis-server | valkey-server)
    if [ "$(id -u)" = 0 ]; then
      find . \! -user valkey -exec chown valkey '{}' +
      exec gosu valkey "$0" "$@"
    fi
    ;;
esac
# Files of Valkey are its own business, unless somebody asked for another umask.
if [ "$(umask)" = 0022 ]; then umask 0077; fi
exec "$@"
