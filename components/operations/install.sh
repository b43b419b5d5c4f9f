# The program that runs the operations of a registry, and the entry of the NAS's own scheduler that starts it.
#
# Values: control_directory, container_name, program (its text), scheduled ("yes" when something has a schedule),
#         snapshots_of (the directory that the NAS is to make snapshots of, or "")

place=$control_directory/operations
title="nas-registry $container_name"

apply() {
    [ -z "$snapshots_of" ] || nas_snapshot_source "$snapshots_of"
    own_directory "$place" 700 "$me:$(id -g)"
    own_directory "$place/results" 700 "$me:$(id -g)"
    put "$program" "$place/run" 700 "$me:$(id -g)"
    echo "program=$place/run"
    if [ -n "$scheduled" ]; then
        # What was due before it was asked for is not.
        [ -e "$place/ticked" ] || /bin/sh "$place/run" skip
        nas_schedule "$title" "$place/run"
    else
        nas_unschedule "$title" "$place/run"
        rm -f "$place/ticked"
    fi
}

check() {
    if [ ! -d "$place" ]; then
        echo "the directory '$place' is gone"
    elif ! has_text "$program" "$place/run"; then
        echo "'$place/run' is not what this stack wrote"
    fi
    [ -z "$scheduled" ] || nas_schedule_problem "$title" "$place/run"
}

# What runs is stopped first, so that nothing is left in the middle.
revert() {
    nas_unschedule "$title" "$place/run"
    [ -e "$place" ] || return 0
    must_be_protected "$place"
    # Of what is due together the next does not begin.
    [ ! -f "$place/run" ] || mv -f "$place/run" "$place/last"
    ! is_held "$place/lock" || kill -9 "${holder%:*}" 2>/dev/null || true
    take_lock "$place/lock" 120
    [ ! -f "$place/last" ] || /bin/sh "$place/last" heal
    rm -rf "$place"
}

dispatch "$@" </dev/null
