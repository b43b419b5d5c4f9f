# shellcheck shell=sh disable=SC2154
# Runs on the NAS, behind files/nas-files.sh. Variables besides: image, redis_image, memory.

network() { # NAME [OPTION]
    docker network inspect "$1" >/dev/null 2>&1 || docker network create ${2:+"$2"} "$1" >/dev/null
}

# container NAME FILE OPTION...: makes it anew when the options or the file that it reads at its start are others. A second network is
# joined before it starts.
container() {
    name=$1
    hash=$({ cat "$2" && echo "$*"; } | sha256sum | cut -d ' ' -f 1)
    shift 2
    [ "$(docker inspect --format '{{.State.Running}} {{.Config.Labels.hash}}' "$name" 2>/dev/null)" != "true $hash" ] || return 0
    docker rm --force "$name" >/dev/null 2>&1 || true
    docker create --name "$name" --label "hash=$hash" --user 1000:1000 --read-only --cap-drop ALL --security-opt no-new-privileges:true \
        --restart always --log-driver json-file --log-opt max-size=10m --log-opt max-file=3 "$@" >/dev/null
    [ "$name" != registry ] || docker network connect registry-cache registry
    docker start "$name" >/dev/null
}

pull() { docker image inspect "$1" >/dev/null 2>&1 || docker pull --quiet "$1" >/dev/null; }

up() {
    put
    # Side by side, and before anything that runs is stopped.
    pull "$redis_image" &
    pull "$image"
    wait
    network registry
    network registry-cache --internal
    container registry-redis "$control_directory/redis/redis.conf" --memory 256m --cpus 1 --pids-limit 128 \
        --network registry-cache --network-alias redis --volume "$control_directory/redis:/etc/redis:ro" \
        --tmpfs /data:rw,noexec,nosuid,nodev,size=1m --health-cmd "redis-cli ping | grep -qE 'PONG|NOAUTH'" --health-interval 30s \
        --entrypoint redis-server "$redis_image" /etc/redis/redis.conf
    container registry "$control_directory/registry/config.yml" --memory "$memory" --cpus 2 --pids-limit 1024 --network registry \
        --publish 5000:5000 --volume "$control_directory/registry:/etc/distribution:ro" --volume "$data_directory:/var/lib/registry" \
        --stop-timeout 70 --health-cmd 'wget -q -O /dev/null --no-check-certificate https://127.0.0.1:5000/' --health-interval 30s \
        "$image" /etc/distribution/config.yml
    tries=600
    until [ "$(curl --silent --insecure --output /dev/null --write-out '%{http_code}' https://127.0.0.1:5000/v2/)" = 401 ]; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || exit 1
        sleep 0.1
    done
}

down() {
    docker stop registry registry-redis >/dev/null
    docker rm registry registry-redis >/dev/null
    docker network rm registry registry-cache >/dev/null
    remove
}
