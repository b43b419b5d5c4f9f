#!/bin/sh
# Behaves as the official image's: a configuration file alone means "serve it"; a sub-command needs no "registry" before.
set -e
case "$1" in
  *.yaml | *.yml) set -- registry serve "$@" ;;
  serve | garbage-collect | help | -*) set -- registry "$@" ;;
esac
exec "$@"
