# shellcheck shell=sh disable=SC2154,SC2016
# What is to be on the NAS beside containers. put: reads an archive of the directories registry and redis from standard input.
# remove: takes all away but the images. Variables: control_directory, data_directory, log_size.

set -eu
daemon_file=/etc/docker/daemon.json

# set_daemon JQ-FILTER: the daemon restarts when its file means something else then.
set_daemon() {
    wanted=$(jq "$1" --arg size "$log_size" "$daemon_file")
    [ "$wanted" != "$(jq . "$daemon_file")" ] || return 0
    echo "$wanted" >"$daemon_file.new"
    mv "$daemon_file.new" "$daemon_file"
    service docker restart
}

put() {
    umask 027
    mkdir -p "$control_directory" "$data_directory"
    chmod 711 "$control_directory"
    chown 1000:1000 "$data_directory"
    tar -C "$control_directory" -xf - --no-same-permissions --no-same-owner
    chown -R 0:1000 "$control_directory/registry" "$control_directory/redis"
    set_daemon '. + {"log-driver": "json-file", "log-opts": {"max-size": $size, "max-file": "3"}}'
}

remove() {
    rm -rf "$control_directory"
    set_daemon 'del(.["log-driver"], .["log-opts"])'
}
