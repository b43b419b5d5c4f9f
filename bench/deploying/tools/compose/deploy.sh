#!/bin/sh
# deploy.sh up|down: what Compose cannot do, over SSH, and the rest by Compose. The environment has HOST, FILES (a directory), and what
# compose.yaml and nas-files.sh ask for.
set -eu
here=$(dirname "$0")
export DOCKER_HOST="ssh://root@$HOST"
hash() { sha256sum "$FILES/$1" | cut -d ' ' -f 1; }
CONFIGURATION=$(hash registry/config.yml) REDIS_CONFIGURATION=$(hash redis/redis.conf)
export CONFIGURATION REDIS_CONFIGURATION
compose() { docker-compose --progress quiet --file "$here/compose.yaml" "$@"; }
files() {
    # shellcheck disable=SC2029
    ssh "root@$HOST" "control_directory='$CONTROL_DIRECTORY' data_directory='$DATA_DIRECTORY' log_size='$LOG_SIZE'
$(cat "$here/../files/nas-files.sh")
$1"
}
case $1 in
up)
    tar -C "$FILES" -cf - . | files put
    compose up --detach --wait --wait-timeout 120 --remove-orphans
    ;;
down)
    compose down --timeout 70
    files remove </dev/null
    ;;
esac
