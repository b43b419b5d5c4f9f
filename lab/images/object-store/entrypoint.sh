#!/bin/sh
# Serves the bucket that is named in the environment, beside the gateway's own variables.
set -eu
mkdir -p "/objects/$BUCKET"
exec versitygw "$@"
