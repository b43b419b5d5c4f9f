# shellcheck shell=sh disable=SC2154,SC2034
# A NAS of no vendor, in the directory $fake: what daemon.sh asks of one, and an engine that can misbehave.
#
# Files: dockerd.json, bin/ (first on PATH), engine/ (not on PATH), restarts (a letter for each restart), docker-info (what the running daemon
#        says; without it none answers), refuse (a text with which the daemon does not start), deaf (it starts, and has not
#        read the file), rewrite (a text that takes the file's place at a restart), slow (seconds that a restart takes)
PATH=$fake/bin:$PATH
pid_file=$fake/docker.pid

# Tests need not run as root.
id() {
    case $1 in
    -u) echo "$uid" ;;
    *) echo tester ;;
    esac
}

nas_package() {
    daemon_config=$fake/dockerd.json
}

nas_has_daemon_file() {
    [ -z "${makes_file:-}" ]
}

nas_how_to_start() {
    echo "start it by hand"
}

nas_dockerd() {
    echo "$fake/engine/dockerd"
}

nas_restart_daemon() {
    printf r >>"$fake/restarts"
    rm -f "$fake/docker-info"
    sleep "$(cat "$fake/slow" 2>/dev/null || echo 0)"
    [ ! -f "$fake/rewrite" ] || cat "$fake/rewrite" >"$fake/dockerd.json"
    wc -c <"$fake/restarts" >"$pid_file"
    if [ -f "$fake/refuse" ] && grep -qF "$(cat "$fake/refuse")" "$fake/dockerd.json"; then
        echo "failed to start daemon: it refuses"
        echo 'time="2026-01-01T00:00:00Z" level=info msg="[core] a channel closes" module=grpc'
        return 1
    fi
    read=$fake/dockerd.json
    [ ! -f "$fake/deaf" ] || read=$fake/deaf
    jq -c '{
        "log-driver": (."log-driver" // "json-file"),
        "insecure-registries": (."insecure-registries" // []),
        "registry-mirrors": [."registry-mirrors"[]? | rtrimstr("/") + "/"]
    }' "$read" >"$fake/docker-info.new" && mv "$fake/docker-info.new" "$fake/docker-info"
}
