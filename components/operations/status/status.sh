# What a desk is told of a registry, as NAME=VALUE lines behind a line "--"; what it means, the desk finds out.
#
# Values: expressions (OPERATION.schedule=EXPRESSION lines), usage_program (usage.awk), data_directory, cache_container

status() {
    echo "--"
    echo "now=$(date +%s)"
    echo "zone=$(date +%z)"
    [ ! -e "$ticked" ] || echo "ticked=$(date -r "$ticked" +%s)"
    ! is_held "$place/lock" || echo "busy=yes"
    [ ! -e "$writes" ] || echo "writes=blocked"
    echo "$expressions"
    each_result
    run_docker inspect --format 'state={{.State.Status}}{{if .State.Health}} {{.State.Health.Status}}{{end}}' \
        "$container_name" 2>/dev/null || echo "state=missing"
    if is_running "$container_name"; then
        in_registry registry --version | sed -n 's/.* v\{0,1\}\([0-9][0-9.]*\).*/version=\1/p'
        images_and_disk
    fi
    ! uses_cache || ask_cache "INFO stats" | tr -d '\r' | sed -n 's/^keyspace_\([a-z]*\):\([0-9]*\)$/cache_\1=\2/p'
}

# Beside the results are what was printed, and at times what a write that was killed has left.
each_result() {
    for file in "$results"/*; do
        case ${file##*/} in *[!a-z]*) continue ;; esac
        sed "s/^\([a-z_]*=\)/${file##*/}.\1/" "$file"
    done
}

# Of images that are kept elsewhere nothing is known. What was measured is right until an operation has run; pushes are seen a
# day later at the latest.
images_and_disk() {
    [ -n "$data_directory" ] || return 0
    measured=$({ printable <"$place/usage"; } 2>/dev/null) || measured=
    if [ -z "$measured" ] || [ -n "$(find "$results" -newer "$place/usage" 2>/dev/null)" ] ||
        is_older "$(value_of measured)" 86400; then
        measure || true
    fi
    printf '%s\n' "$measured"
    disk
    sed -n 's/^\([0-9]*\) \([0-9]* [0-9]*\)$/day\/\1=\2/p' "$place/history" 2>/dev/null || true
}

value_of() { printf '%s\n' "$measured" | sed -n "s/^$1=\([0-9]\{1,\}\)\$/\1/p"; }

# is_older SECONDS-SINCE-1970 SECONDS: whether that is so long ago, or in the future, as with a clock that was wrong.
is_older() {
    age=$(($(date +%s) - ${1:-0}))
    [ "$age" -lt 0 ] || [ "$age" -ge "$2" ]
}

# measure: sets $measured, and keeps it. It reads no blob, but a directory and a link of each.
measure() {
    # shellcheck disable=SC2016
    measured=$(in_registry sh -c '
        cd /var/lib/registry/docker/registry/v2 2>/dev/null || exit 0
        {
            find blobs -name data -exec stat -c "%s %n" {} + 2>/dev/null
            find repositories -name _uploads -prune -o -path "*/_manifests/tags" -prune -o -name link -print 2>/dev/null
        } | awk "$1"' sh "$usage_program") || return 1
    measured="measured=$(date +%s)$newline$measured"
    printf '%s\n' "$measured" | write_file "$place/usage" 600 "$result_owner"
}

# disk: of the volume. There may be less for a folder with a quota.
disk() {
    in_registry df -Pk /var/lib/registry |
        awk 'NR == 2 { printf "disk_bytes=%.0f\nfree_bytes=%.0f\n", $2 * 1024, $4 * 1024 }' || true
}

# remember: once a day, for 400 days, how much there is of images and how much is free.
remember() {
    # A NAS whose battery is empty begins in 1970 or 2000.
    [ -n "$data_directory" ] && [ "$(date +%s)" -gt 1735689600 ] &&
        is_older "$(sed -n '$s/^\([0-9]\{1,\}\) .*/\1/p' "$place/history" 2>/dev/null)" 86000 && ! is_held "$place/lock" && is_running "$container_name" || return 0
    # For a large registry it may last until the next tick.
    take_lock "$place/lock" 5
    if measure; then
        free=$(disk | sed -n 's/^free_bytes=//p')
        used=$(value_of images_bytes)
        today="$(date +%s) ${used:-0} ${free:-0}"
        { cat "$place/history" 2>/dev/null || true; } |
            awk -v now="${today%% *}" -v today="$today" '/^[0-9]+ [0-9]+ [0-9]+$/ && $1 < now; END { print today }' |
            tail -n 400 | write_file "$place/history" 600 "$result_owner"
    fi
    leave_lock
}
