# Snapshots by the NAS's own means of what holds the images (see nas/vendor.sh): the newest stay. Each is made at one moment, and
# distribution answers a push when all of it is in its place, so an image whose push was answered is whole in the next one.
#
# Values: keep_snapshots (how many; "": none are made), data_directory
# Options: dry_run

# How long the NAS may take for one thing; with much to write it takes minutes.
snapshot_seconds=${snapshot_seconds:-600}

operation_snapshot() {
    [ -n "$keep_snapshots" ] || die "this registry makes no snapshots: set operations.snapshots, and run 'up'."
    nas_snapshot_source "$data_directory"
    # What is mounted in it would be left out.
    [ "$(mount_of "$data_directory")" = "$(mount_of "$data_directory/docker/registry/v2/blobs")" ] ||
        die "something else is mounted in '$data_directory', so a snapshot of $snapshot_of would not hold all: move the images to one place."
    make_scratch
    list_snapshots
    before=$listed made=
    if [ -n "${option_dry_run:-}" ]; then
        surplus=$((count + 1 - keep_snapshots))
        said "would make a snapshot of $snapshot_of, and remove $((surplus > 0 ? surplus : 0)) of the $count that this registry has made"
        return
    fi
    # Also when there is no room for another.
    remove_surplus
    progress "makes a snapshot of $snapshot_of"
    in_time nas_snapshot || die "the NAS made no snapshot of $snapshot_of: the reason stands in 'nas-registry logs snapshot'."
    list_snapshots
    for name in $listed; do
        case "$newline$before$newline" in *"$newline$name$newline"*) ;; *) made=$name ;; esac
    done
    [ -n "$made" ] || die "the NAS said that it made a snapshot of $snapshot_of, and does not list it: see its own screens."
    remove_surplus
    list_snapshots
    note snapshot "$made"
    note kept "$count"
    said "made a snapshot of $snapshot_of; there are $count"
    [ "$count" -le "$keep_snapshots" ] ||
        warned "made a snapshot of $snapshot_of, but old ones could not be removed, and keep their space: there are $count; see 'nas-registry logs snapshot'"
}

# list_snapshots: sets $listed to those that this registry has made, the oldest first, and $count. On a full disk the list may be
# cut short, even within a name.
list_snapshots() {
    { in_time whole_list >"$scratch/snapshots" && [ "$(tail -n 1 "$scratch/snapshots")" = end ]; } ||
        die "the NAS does not list its snapshots of $snapshot_of: the reason stands in 'nas-registry logs snapshot'."
    listed=$(sed '$d' "$scratch/snapshots")
    count=$(($(wc -l <"$scratch/snapshots") - 1))
}

whole_list() { nas_snapshots && echo end; }

# remove_surplus: of those listed the oldest, and never the one that was just made, whatever the clock says.
remove_surplus() {
    surplus=$((count - keep_snapshots))
    for name in $listed; do
        [ "$surplus" -gt 0 ] || break
        [ "$name" != "$made" ] || continue
        surplus=$((surplus - 1))
        progress "removes the snapshot $name"
        in_time nas_remove_snapshot "$name" || progress "it could not be removed"
    done
}

# in_time COMMAND [WORD...]: fails when it takes too long. What does not even end when it is killed is not waited for.
in_time() {
    last=$(($(date +%s) + snapshot_seconds))
    "$@" &
    while [ -n "$(began $!)" ]; do
        if [ "$(date +%s)" -ge "$last" ]; then
            progress "the NAS takes longer than $snapshot_seconds seconds for it" >&2
            kill -9 $!
            return 1
        fi
        sleep 0.1 2>/dev/null || sleep 1
    done
    wait $!
}
