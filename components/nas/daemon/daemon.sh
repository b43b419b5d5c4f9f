# shellcheck shell=sh disable=SC2154
# Puts settings into the configuration of the NAS's Docker daemon and takes them out again. $1 is apply, revert or check.
#
# The daemon restarts only when its file means something else than before, or when it runs without the settings; with it
# restart all containers of the NAS. What fails leaves the old file, and a daemon that has read it.
#
# Values: daemon_config, settings (JSON), id (names the stack in file names),
#         stack (JSON string, for messages), restart_timeout (seconds), merge_program (daemon.awk)
#
# Beside the daemon's file is a directory of its name with ".nas-registry" at the end:
#   <id>.record          what this stack added and what stood there before; one file for each stack
#   <id>.restarted       when this stack last restarted the daemon
#   backup-<time>.json   the file before each change, the last few
#   journal/             only during a change: the file and the record as they were, and the file that takes their place
#   restart-due          only while the daemon may run with another file than the one that is there
# A lock stands beside the directory.

kept_backups=5

# When the connection is cut the script goes on: half a change would be worse. Caught and not ignored, since containers
# would inherit what is ignored.
trap : HUP PIPE

merge_tool() {
    LC_ALL=C awk "$merge_program" "$@"
}

# within SECONDS COMMAND...: runs a command and ends it when it takes longer.
within() {
    limit=$1
    shift
    "$@" &
    command=$!
    while kill -0 "$command"; do
        [ "$limit" -gt 0 ] || kill "$command"
        limit=$((limit - 1))
        sleep 1
    done >/dev/null 2>&1 &
    watchdog=$!
    outcome=0
    wait "$command" 2>/dev/null || outcome=$?
    # A signal that is caught ends the waiting, not the command.
    while kill -0 "$command" 2>/dev/null; do
        outcome=0
        wait "$command" 2>/dev/null || outcome=$?
    done
    # Not softly: bash would run this script's EXIT trap in a child that is asked to end too soon.
    kill -9 "$watchdog" 2>/dev/null || true
    wait "$watchdog" 2>/dev/null || true
    return "$outcome"
}

same_text() {
    [ "$(cat "$1" && echo .)" = "$(cat "$2" && echo .)" ]
}

same_meaning() {
    [ "$(merge_tool same "$1" "$2")" = same ]
}

# put_record CONTENT-FILE: an empty one is no record.
put_record() {
    if [ ! -s "$1" ]; then
        rm -f "$own"
    elif [ ! -f "$own" ] || ! same_text "$1" "$own"; then
        if ! cat "$1" >"$own.new" || ! mv -f "$own.new" "$own"; then
            rm -f "$own.new"
            return 1
        fi
    fi
}

find_places() {
    [ "$(id -u)" = 0 ] ||
        die "connection.user: $(id -un) may not change the Docker daemon's configuration, which needs root. $(sudo_lines)"
    file=$(readlink -f "$daemon_config" || true)
    [ -f "$file" ] || return 1
    state=$file.nas-registry
    own=$state/$id.record
    lock=$file.nas-registry.lock
}

take_daemon_lock() {
    # Whoever holds it may restart the daemon, and do that again with the old file.
    take_lock "$lock" $((restart_timeout * 2 + 120))
    make_scratch
    work=$scratch
    trap 'leave' EXIT
    mkdir -p "$state" || die "'$state' could not be made on this NAS; the reason stands above."
    { printf '%s' "$settings" >"$work/settings" && echo '{}' >"$work/nothing"; } || no_room
}

no_room() {
    die "a temporary file could not be written on this NAS: see whether '${TMPDIR:-/tmp}' has room; nothing was changed."
}

# The directory goes with the last stack's record.
leave() {
    rm -rf "$work"
    if [ ! -d "$state/journal" ] && [ ! -f "$state/restart-due" ] && ! ls "$state"/*.record >/dev/null 2>&1; then
        rm -f "$state"/backup-*.json "$state"/*.restarted
        rmdir "$state" 2>/dev/null || true
    fi
    rm -f "$lock"
}

# In one step: a journal is whole, or there is none.
close_journal() {
    [ ! -d "$state/journal" ] || mv "$state/journal" "$state/journal.old"
    rm -rf "$state/journal.old"
}

# The file and the record are again what the journal says they were.
undo_journal() {
    same_text "$file" "$state/journal/previous" || replace_file "$file" <"$state/journal/previous" || return 1
    put_record "$state/journal/record" || return 1
    close_journal
}

# An earlier run was killed in the middle: the file is as before it, and whether the daemon has read another is noted.
recover() {
    rm -rf "$state/journal.new" "$state/journal.old" "$state"/*.new "$file".??????
    [ -d "$state/journal" ] || return 0
    if ! same_text "$file" "$state/journal/previous" && ! same_meaning "$file" "$state/journal/next"; then
        # Somebody has changed the file since, and knew why.
        close_journal
        return 0
    fi
    undo_journal ||
        die "'$file' on this NAS could not be put back as it was before an earlier, interrupted update: see whether it is writable and the disk has room, and run 'up' again."
}

# plan SETTINGS-FILE: decides, and writes the file and the record that follow.
plan() {
    [ "$(tr -d '\000' <"$file" | wc -c)" -eq "$(wc -c <"$file")" ] ||
        die "'$file' on this NAS is not valid JSON: mend it, and run 'up' again; nothing was changed."
    if [ -f "$own" ]; then cat "$own"; else echo '{}'; fi >"$work/own" || no_room
    set --
    for other in "$state"/*.record; do
        [ ! -f "$other" ] || [ "$other" = "$own" ] || set -- "$@" "$other"
    done
    change=$(merge_tool merge "$file" "$wanted" "$work/own" "$stack" "$work/next" "$work/record" "$@") || {
        # Where it ended without a sentence it could not write.
        [ -n "$change" ] || no_room
        die "$change; nothing was changed."
    }
}

# validate FILE: asks the engine where it knows how; Docker does since 23.
validate() {
    dockerd=$(nas_dockerd)
    [ -x "$dockerd" ] || return 0
    "$dockerd" --help 2>&1 | grep -q -- '--validate' || return 0
    answer=$(within 30 "$dockerd" --validate --config-file "$1" 2>&1) ||
        die "the Docker Engine of this NAS refuses the configuration ($(printf '%s\n' "$answer" | tail -n 1)); nothing was changed."
}

back_up() {
    newest=$(find "$state" -name 'backup-*.json' | sort | tail -n 1)
    if [ -z "$newest" ] || ! same_text "$newest" "$file"; then
        cp -p "$file" "$state/backup-$(date -u +%Y%m%dT%H%M%SZ).json" || return 1
    fi
    find "$state" -name 'backup-*.json' | sort -r | sed "1,${kept_backups}d" | while read -r old; do
        rm -f "$old"
    done
}

open_journal() {
    mkdir "$state/journal.new" &&
        cp -p "$file" "$state/journal.new/previous" &&
        cat "$work/next" >"$state/journal.new/next" &&
        if [ -f "$own" ]; then cat "$own"; fi >"$state/journal.new/record" &&
        mv "$state/journal.new" "$state/journal"
}

daemon_answers() {
    within 20 "$docker" version --format '{{.Server.Version}}' >/dev/null 2>&1
}

# Prints, one a line, the settings that the running daemon does not have; fails when none answers.
missing_settings() {
    within 20 "$docker" info --format '{"driver":{{json .LoggingDriver}},"registry":{{json .RegistryConfig}}}' \
        >"$work/info" 2>/dev/null && merge_tool missing "$work/info" "$wanted"
}

lacks_settings() {
    lacking=$(missing_settings) && [ -n "$lacking" ]
}

# Another process is another daemon; nothing where there is no such file.
daemon_process() {
    daemon=$(cat "${pid_file:-/var/run/docker.pid}" 2>/dev/null) || return 0
    echo "$daemon:$(began "$daemon")"
}

# Whether the running daemon is the one that reads this file: after a move to another package it is not.
is_current() {
    current=$(nas_package 2>/dev/null && readlink -f "$daemon_config") || return 1
    [ "$current" = "$file" ]
}

# restart: by the vendor's command, and waits for a daemon that has the settings; says in $reason why it has not. A restart
# is due until the caller has settled which file it was for.
restart() {
    reason="'$state' could not be written"
    : >"$state/restart-due" || return 1
    before=$(daemon_process)
    deadline=$(($(date +%s) + restart_timeout))
    if ! within "$restart_timeout" nas_restart_daemon </dev/null >"$work/restart" 2>&1; then
        # It may come up nevertheless: QNAP's script can fail at a part of its work. No point in waiting for long.
        [ "$deadline" -le $(($(date +%s) + 20)) ] || deadline=$(($(date +%s) + 20))
    fi
    answers=0
    while :; do
        if ! daemon_answers || ! lacking=$(missing_settings); then
            reason="it did not come back"
        elif [ -n "$before" ] && [ "$(daemon_process)" = "$before" ]; then
            reason="it did not stop"
        elif [ -n "$lacking" ]; then
            reason="it came back without $(printf '%s\n' "$lacking" | head -n 1)"
            # The daemon that is about to stop may still answer.
            answers=$((answers + 1))
        else
            return 0
        fi
        if [ "$answers" -ge 10 ] || [ "$(date +%s)" -ge "$deadline" ]; then
            last=$(tail -n 1 "$work/restart")
            reason="$reason${last:+ ($last)}"
            return 1
        fi
        sleep 1
    done
}

# give_up REASON: as before, then the error.
give_up() {
    [ -d "$state/journal" ] || die "$1; the file had been right before, so nothing was put back."
    undo_journal ||
        die "$1; '$file' could not be put back either, its old text is '$state/journal/previous': copy it back, and restart the daemon."
    if [ -f "$state/restart-due" ]; then
        wanted=$work/nothing
        restart ||
            die "$1; the old file was put back, but the restart with it failed, too: $reason; $(nas_how_to_start)."
        rm -f "$state/restart-due"
        die "$1; the old file was put back, and the daemon runs with it as before."
    fi
    die "$1; the NAS is as before."
}

change_file() {
    validate "$work/next"
    open_journal || {
        rm -rf "$state/journal.new"
        die "'$state' on this NAS could not be written: see whether the disk has room; the NAS is as before."
    }
    back_up || give_up "no backup of '$file' could be made on this NAS: see whether the disk has room"
    put_record "$work/record" || give_up "'$own' on this NAS could not be written: see whether the disk has room"
    replace_file "$file" <"$work/next" ||
        give_up "'$file' on this NAS could not be written: see whether it is writable and the disk has room"
}

converge() {
    restarted=
    plan
    [ "$change" = same ] || change_file
    if must_restart && { [ "$change" = changed ] || [ -f "$state/restart-due" ] || lacks_settings; }; then
        restart || give_up "the Docker daemon was restarted with the configuration asked for, and $reason"
        date -u +%Y-%m-%dT%H:%M:%SZ >"$state/$id.restarted" || true
        restarted=yes
    fi
    put_record "$work/record" || die "'$own' on this NAS could not be written: see whether the disk has room."
    # In this order: killed between the two, the next run restarts the daemon once too often, and not once too few.
    close_journal
    [ -z "$restarted" ] || rm -f "$state/restart-due"
}

apply() {
    must_restart() { true; }
    find_places ||
        die "'$daemon_config' does not exist on this NAS: start Docker's package once, and run 'up' again."
    take_daemon_lock
    wanted=$work/settings
    recover
    converge
    echo "dataRoot=$("$docker" info --format '{{.DockerRootDir}}')"
    echo "restartedAt=$(cat "$state/$id.restarted" 2>/dev/null || true)"
}

# Nothing starts what a person has stopped: the file is read when they start it again.
revert() {
    must_restart() { is_current && { [ -f "$state/restart-due" ] || daemon_answers; }; }
    find_places || return 0
    # The lock outlives the directory for a moment, and so what a killed script leaves.
    [ -d "$state" ] || [ -h "$lock" ] || return 0
    take_daemon_lock
    wanted=$work/nothing
    recover
    converge
    # Where the daemon does not run, or reads another file, none is due.
    rm -f "$state/$id.restarted" "$state/restart-due"
}

# changes_due: what an update would change, one a line; what would stop it is one, too.
changes_due() {
    if ! (plan && echo "$change" >"$work/change") 2>"$work/refused"; then
        sed 's/^nas-registry: //' "$work/refused"
    elif [ "$(cat "$work/change")" = changed ]; then
        merge_tool differences "$file" "$work/next" | while read -r key; do
            echo "'$key' in '$file' is not as this stack set it"
        done
    elif [ -s "$work/record" ] && [ ! -f "$own" ]; then
        echo "'$own', the record of what this stack has set, is gone"
    fi
}

# No lock: nothing is written. While somebody else writes, the answer would be of that moment only.
check() {
    find_places || {
        echo "'$daemon_config' is gone"
        return
    }
    holder=$(readlink "$lock" || true)
    [ -z "$holder" ] || [ "$(began "${holder%:*}")" != "${holder#*:}" ] ||
        die "an update changes the Docker daemon's configuration just now (process ${holder%:*}): look again when it has ended."
    make_scratch
    work=$scratch
    trap 'rm -rf "$work"' EXIT
    printf '%s' "$settings" >"$work/settings"
    echo '{}' >"$work/nothing"
    wanted=$work/settings
    [ ! -d "$state/journal" ] && [ ! -f "$state/restart-due" ] || echo "an update was cut off in the middle"
    changes_due
    if lacking=$(missing_settings); then
        [ -z "$lacking" ] || printf '%s\n' "$lacking" | sed 's/^/the running Docker daemon does not have /'
    else
        echo "the Docker daemon does not answer"
    fi
}

dispatch "$@" </dev/null
