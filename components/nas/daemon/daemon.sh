# Puts settings into the configuration of the NAS's Docker daemon and takes them out again. $1 is apply, revert or check.
#
# The daemon restarts, and with it every container of the NAS, only when its file means something else than before or when
# it runs without the settings. What fails leaves the old file, and a daemon that has read it.
#
# Values: daemon_config, settings (JSON), id (names the stack in file names), stack (JSON string, for messages),
#         restart_timeout (seconds), merge_program (daemon.awk)
#
# Beside the daemon's file are a lock and a directory, <file>.nas-registry:
#   base.json                   the file as it is without the stacks
#   <time>-<id>.record          what a stack asks for, and since when
#   <time>-<id>.record.pending  during an update: what it asks for from now on
#   <id>.restarted              when the stack last restarted the daemon
#   made                        only where there was no such file
#   backup-<time>.json          the file before each of the last five changes

# `docker info` in the words of the daemon's file.
info='{"log-driver":{{json .LoggingDriver}},"registry-mirrors":[{{range .RegistryConfig.Mirrors}}{{json .}},{{end}}""],
    "insecure-registries":[{{range .RegistryConfig.InsecureRegistryCIDRs}}{{json .}},{{end}}
    {{range $name, $index := .RegistryConfig.IndexConfigs}}{{if not $index.Secure}}{{json $name}},{{end}}{{end}}""]}'

# A cut connection must not leave half a change. Caught and not ignored, since containers would inherit what is ignored.
trap 'heard=yes' HUP PIPE
# In the shell of a verb, too, which does not inherit that (see dispatch).
prepare() { trap 'heard=yes' HUP PIPE; }

# within SECONDS COMMAND...: runs a command and ends it when it takes longer.
within() {
    limit=$1
    shift
    "$@" &
    command=$!
    while kill -0 "$command" && sleep 1; do
        [ $((limit -= 1)) -gt 0 ] || kill "$command"
    done >/dev/null 2>&1 &
    watchdog=$!
    # A signal that is caught ends the waiting, with a code of its own, and not the command.
    while
        heard='' outcome=0
        wait "$command" 2>/dev/null || outcome=$?
        [ -n "$heard" ] && [ "$outcome" -gt 128 ]
    do :; done
    # Not softly: bash would run this script's EXIT trap in a child that is asked to end too soon.
    { kill -9 "$watchdog" && wait "$watchdog"; } 2>/dev/null || true
    return "$outcome"
}

same_text() { [ -f "$2" ] && [ "$(cat "$1" && echo .)" = "$(cat "$2" && echo .)" ]; }

# keep FROM TO: a copy, whole or not at all.
keep() { same_text "$1" "$2" || (write_file "$2" 600 0:0 <"$1") 2>/dev/null; }

find_file() {
    [ "$(id -u)" = 0 ] ||
        die "connection.user: $(id -un) may not change the Docker daemon's configuration, which needs root. $(sudo_lines "$(nas_sudoers)")"
    file=$(readlink -f "$daemon_config" || echo "$daemon_config")
    state=$file.nas-registry
    [ -f "$file" ] || return 1
    # Whose the file is decides already what the daemon does as root: a user of Docker's package, perhaps.
    trusted=$(user_of "$file")
}

# It goes with the last stack's record, unless somebody has written to it.
make_file() {
    ! nas_has_daemon_file ||
        die "'$daemon_config' does not exist on this NAS: start Docker's package once, and run 'up' again."
    [ -d "${file%/*}" ] || own_directory "${file%/*}" 755 0:0
    own_directory "$state" 700 0:0
    true >"$state/made" || could_not_write "$state/made"
    echo '{}' | write_file "$file" 644 0:0
}

begin() {
    make_scratch
    own=$(ls "$state"/*-"$id".record 2>/dev/null || echo "$state/$(date -u +%Y%m%dT%H%M%SZ)-$id.record")
    # An update that was killed in the middle: the file may be as before it, and the daemon have read the one or the other.
    cut_off=$(ls "$state"/*.pending 2>/dev/null || true)
}

# Decides what the file becomes; $change has the keys that change, one a line.
plan() {
    [ "$(tr -d '\000\001' <"$file" | wc -c)" -eq "$(wc -c <"$file")" ] ||
        die "'$file' on this NAS is not JSON in UTF-8: mend it or save it so, and run 'up' again; nothing was changed."
    ! nas_has_daemon_file || grep -q '[^[:space:]]' "$file" ||
        die "'$file' on this NAS has nothing in it, though Docker's package writes its settings there: put them back, and run 'up' again; nothing was changed."
    change=
    if ! printf '{"stack":%s,"settings":%s}\n' "$stack" "$settings" >"$scratch/record" ||
        ! change=$(LC_ALL=C awk "$merge_program" merge "$file" "$state/base.json" "$own" "$scratch/record" "$scratch/next" \
            "$scratch/base" "$state"/*.record "$own" "$state"/*.pending); then
        die "${change:-a temporary file could not be written on this NAS: see whether '${TMPDIR:-/tmp}' has room}; nothing was changed."
    fi
}

validates() { within 30 "$dockerd" --validate --config-file "$1" 2>&1; }

# Asks the engine where it knows how; Docker does since 23. What it refuses in the file as it stands, too, comes of this
# question: it is asked without the vendor's own options.
validate() {
    dockerd=$(nas_dockerd)
    "$dockerd" --help 2>&1 | grep -q -- '--validate' || return 0
    # Since 25 it looks for the programs that it starts.
    PATH=${dockerd%/*}:$PATH
    answer=$(validates "$scratch/next") || ! validates "$file" >/dev/null ||
        die "the Docker Engine of this NAS refuses the configuration ($(printf '%s\n' "$answer" | tail -n 1)); nothing was changed."
}

back_up() {
    backup=$(find "$state" -name 'backup-*.json' | sort | tail -n 1)
    # After an update that was cut off, what that one has backed up counts, unless somebody else has changed the file since.
    if [ -z "$cut_off" ] || ! same_text "$scratch/base" "$state/base.json"; then
        same_text "$file" "$backup" || backup=$state/backup-$(date -u +%Y%m%dT%H%M%SZ).json
        keep "$file" "$backup" || return 1
    fi
    find "$state" -name 'backup-*.json' | sort -r | sed 1,5d | while read -r old; do rm -f "$old"; done
}

# Prints, one a line, the settings that the running daemon does not have; fails when none answers.
missing_settings() {
    within 20 "$docker" info --format "$info" >"$scratch/info" 2>/dev/null &&
        LC_ALL=C awk "$merge_program" missing "$scratch/record" "$scratch/info"
}

# Another process is another daemon; nothing where there is no such file.
daemon_process() {
    daemon=$(cat "${pid_file:-/var/run/docker.pid}" 2>/dev/null) || return 0
    echo "$daemon:$(began "$daemon")"
}

# restart: by the vendor's command, and waits for a daemon that has the settings; says in $reason why it has not.
restart() {
    before=$(daemon_process)
    deadline=$(($(date +%s) + restart_timeout))
    # It may come up nevertheless: QNAP's script can fail at a part of its work. No point in waiting for long.
    within "$restart_timeout" nas_restart_daemon </dev/null >"$scratch/restart" 2>&1 ||
        deadline=$(($(date +%s) + (restart_timeout < 20 ? restart_timeout : 20)))
    while :; do
        if ! lacking=$(missing_settings); then
            reason="it did not come back"
        elif [ -n "$before" ] && [ "$(daemon_process)" = "$before" ]; then
            reason="it did not stop"
        elif [ -z "$lacking" ]; then
            return 0
        else
            reason="it came back without $(printf '%s\n' "$lacking" | head -n 1)"
            # Where that is not known it may be the one that is about to stop.
            [ -z "$(daemon_process)" ] || break
        fi
        [ "$(date +%s)" -lt "$deadline" ] || break
        sleep 1
    done
    # What the daemon says of itself besides may come after what stopped it.
    said=$(grep -vE 'level=(debug|info|warn)' "$scratch/restart" || cat "$scratch/restart")
    reason="$reason$(echo "$said" | tail -n 1 | sed 's/..*/ (&)/')"
    return 1
}

# After a restart that failed: the old file, a daemon that runs with it, and the error.
give_up() {
    why="the Docker daemon was restarted with the configuration asked for, and $reason"
    [ -n "$change$cut_off" ] || die "$why; the file had been right before, so nothing was put back."
    same_text "$file" "$backup" || replace_file "$file" <"$backup" ||
        die "$why; '$file' could not be put back either, its old text is '$backup': copy it back, and restart the daemon."
    # Whatever the old file has will do.
    rm "$scratch/record"
    restart ||
        die "$why; the old file was put back, but the restart with it failed, too: $reason; $(nas_how_to_start)."
    rm -f "$state"/*.pending
    die "$why; the old file was put back, and the daemon runs with it as before."
}

# Nothing starts for a revert what a person has stopped, or another daemon: after a move to another package.
may_restart() {
    [ "$verb" = apply ] || { [ "$(nas_package 2>/dev/null && readlink -f "$daemon_config")" = "$file" ] &&
        { [ -n "$cut_off" ] || missing_settings >/dev/null; }; }
}

# The directory goes with the last stack's record.
leave() {
    if ! ls "$state"/*.record* >/dev/null 2>&1; then
        [ ! -f "$state/made" ] || ! has_text "{}$newline" "$file" || rm -f "$file"
        rm -rf "$state"
    fi
    clean_up
}

update() {
    must_be_protected "${file%/*}"
    # Whoever holds it may restart the daemon, and do that again with the old file.
    take_lock "$state.lock" $((restart_timeout * 2 + 120))
    begin
    at_exit=leave
    own_directory "$state" 700 0:0
    rm -f "$state"/*.json.?????? "$state"/*.pending.?????? "$file".??????
    plan
    due=
    ! may_restart || [ -z "$change$cut_off$(missing_settings)" ] || due=yes
    [ -n "$change$due" ] || ! same_text "$scratch/record" "$own" || return 0
    [ -z "$change" ] || validate
    if ! back_up || ! keep "$scratch/base" "$state/base.json" || ! keep "$scratch/record" "$own.pending"; then
        die "'$state' on this NAS could not be written: see whether the disk has room; the NAS is as before."
    fi
    [ -z "$change" ] || replace_file "$file" <"$scratch/next" || {
        [ -n "$cut_off" ] || rm -f "$own.pending"
        die "'$file' on this NAS could not be written: see whether it is writable and the disk has room; the NAS is as before."
    }
    [ -z "$due" ] || restart || give_up
    [ -z "$due" ] || date -u +%Y-%m-%dT%H:%M:%SZ >"$state/$id.restarted" || true
    if [ "$settings" = '{}' ]; then rm -f "$own"; else mv -f "$own.pending" "$own"; fi
    rm -f "$state"/*.pending
}

# The names of what insecureMirrors in daemonConfig.ts is about: Debian gives a machine's own name a loopback address.
warn_of_mirrors() {
    awk '$1 ~ /^(127\.|::1$)/ { sub(/#.*/, ""); for (i = 2; i <= NF; i++) print tolower($i) }' \
        "${hosts_file:-/etc/hosts}" 2>/dev/null | while read -r name; do
        # Has been warned of before.
        [ "$name" != localhost ] || continue
        case $settings in
        *"//$name"[:\"]*)
            warn "registryMirrors: '$name' is a loopback address in /etc/hosts of this NAS: Docker takes any certificate from there, and from engine 28 on any from Docker Hub, too; give its address in the network, to a NasMirror as hostName."
            ;;
        esac
    done
}

apply() {
    find_file || make_file
    update
    warn_of_mirrors
    echo "dataRoot=$("$docker" info --format '{{.DockerRootDir}}')"
    echo "restartedAt=$(cat "$state/$id.restarted" 2>/dev/null || true)"
}

revert() {
    find_file || return 0
    # The lock outlives the directory for a moment, and so what a killed script leaves.
    [ -d "$state" ] || [ -h "$state.lock" ] || return 0
    settings={}
    update
    rm -f "$state/$id.restarted"
}

# No lock: nothing is written. While somebody else writes, the answer would be of that moment only.
check() {
    find_file || { echo "'$daemon_config' is gone" && return; }
    holder=$(readlink "$state.lock" || true)
    [ -z "$holder" ] || [ "$(began "${holder%:*}")" != "${holder#*:}" ] ||
        die "an update changes the Docker daemon's configuration just now (process ${holder%:*}): look again when it has ended."
    protected "${file%/*}" || echo "others than root can change '$exposed', and with it the Docker daemon's configuration"
    begin
    [ -z "$cut_off" ] || echo "an update was cut off in the middle"
    if ! change=$(plan 2>"$scratch/refused" && echo "$change"); then
        sed 's/^nas-registry: //' "$scratch/refused"
    elif [ -z "$change" ] && [ "$settings" != '{}' ] && [ ! -f "$own" ]; then
        echo "'$own', the record of what this stack has set, is gone"
    fi
    for key in $change; do echo "'$key' in '$file' is not as this stack set it"; done
    lacking=$(missing_settings) || echo "the Docker daemon does not answer"
    [ -z "$lacking" ] || printf '%s\n' "$lacking" | sed 's/^/the running Docker daemon does not have /'
}

dispatch "$@" </dev/null
