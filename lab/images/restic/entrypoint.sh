#!/bin/sh
# Behaves as the official image's: restic with the niceness and the class of input and output that the environment says.
set -e
ionice=
if [ -n "$IONICE_CLASS" ]; then ionice="ionice -c $IONICE_CLASS -n ${IONICE_PRIORITY:-4}"; fi
# shellcheck disable=SC2086
exec nice -n "${NICE:-0}" $ionice /usr/bin/restic "$@"
