#!/bin/sh
# deploy.sh up|down: one SSH connection, with the files on its standard input. The environment has HOST, FILES (a directory), and the
# variables below.
set -eu
here=$(dirname "$0")
values="control_directory='$CONTROL_DIRECTORY' data_directory='$DATA_DIRECTORY' log_size='$LOG_SIZE' image='$IMAGE' redis_image='$REDIS_IMAGE' memory='$MEMORY'"
# shellcheck disable=SC2029
tar -C "$FILES" -cf - . | ssh "root@$HOST" "$values
$(cat "$here/../files/nas-files.sh" "$here/nas.sh")
$1"
