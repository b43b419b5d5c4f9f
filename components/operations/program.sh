# The program that runs a registry's operations on the NAS, for the NAS's own scheduler or for somebody at a desk. It is one file,
# with all its values, where nobody but root can change it. An operation is a function operation_NAME of the scripts before this.
#
# Values: container_name, owner_label, component, control_directory, data_directory ("": images are elsewhere), owner (uid:gid),
#         drain_seconds (for requests under way), tool_limits (options of docker run that the NAS's kernel can keep),
#         cache_container ("": none of ours), cache_socket, schedules
# Words:  perform NAME [OPTION=VALUE...]   runs an operation
#         run NAME [OPTION=VALUE...]       starts one that outlives the connection, shows what it prints, and its result
#         tick                             puts right what a crash has left, and runs what is due
#         heal, skip, status, logs NAME

place=$control_directory/operations
program=$place/run
results=$place/results
result_owner=$me:$(id -g)
# Not in the NAS's /tmp, which is small memory on some.
export TMPDIR="$place"

# What an operation says of itself.

# progress TEXT: for people, at most one line in ten seconds.
progress() { echo "$(date '+%H:%M:%S') $*"; }
notes='' sentence='' outcome=ok
# note NAME VALUE: goes into its result.
note() { notes="$notes$1=$2$newline"; }
# said SENTENCE: how it ended.
said() { sentence=$*; }
# warned SENTENCE: it ended, and somebody should know something.
warned() { outcome=warning sentence=$*; }

# in_units BYTES
in_units() {
    awk -v bytes="$1" 'BEGIN {
        split("bytes KiB MiB GiB TiB", unit, " ")
        for (i = 1; bytes >= 1024 && i < 5; i++) bytes /= 1024
        printf i == 1 ? "%d %s\n" : "%.1f %s\n", bytes, unit[i]
    }'
}

# What it works with: containers with the rights of the images' owner and no others. By a path in a shared folder root does nothing.

in_registry() { run_docker exec "$container_name" "$@"; }
no_answer() { die "the Docker Engine on this NAS does not answer: see whether it runs, and do this again."; }
# is_running NAME: of one that the engine does not answer for, nothing is known; it may go on all the while.
is_running() {
    runs=$(run_docker inspect --format '{{.State.Running}}' "$1" 2>/dev/null) || run_docker ps --quiet >/dev/null 2>&1 ||
        no_answer
    [ "$runs" = true ]
}

# interactive: Docker's option, unless standard input is a file with nothing in it: the engine may lose the end of one, and what reads
# it waits for ever (https://github.com/moby/moby/issues/37870; on 28.5 one in 250 while the machine was busy).
interactive() { { [ ! -p /proc/self/fd/0 ] && [ ! -s /proc/self/fd/0 ]; } || echo --interactive; }

# tool NETWORK [OPTION...] IMAGE [WORD...]: a container of its own; there is one at a time.
tool() {
    network=$1
    shift
    # shellcheck disable=SC2046,SC2086
    run_docker run --rm $(interactive) --name "$container_name-operation" --network "$network" --user "$owner" --read-only \
        --cap-drop ALL --security-opt no-new-privileges --log-driver none $tool_limits \
        --label "nas-registry.owner=$owner_label" --label "nas-registry.component=$component" "$@"
}

# data_tool NETWORK ro|rw [OPTION...] IMAGE COMMAND [WORD...]: the same with the images, if it is the registry's own directory that
# is mounted. IMAGE has a shell.
data_tool() {
    network=$1 access=,readonly
    [ "$2" = ro ] || access=
    shift 2
    tool "$network" --mount "type=bind,source=$data_directory,target=/var/lib/registry$access" \
        --mount "type=bind,source=$control_directory/registry,target=/etc/distribution,readonly" --entrypoint /bin/sh "$@"
}

# of_ours NAME: the id of this registry's container of that name; nothing where there is none.
of_ours() {
    run_docker ps --all --quiet --filter "name=^/$1\$" --filter "label=nas-registry.owner=$owner_label" \
        --filter "label=nas-registry.component=$component"
}

remove_tool() {
    left=$(of_ours "$container_name-operation") || no_answer
    [ -z "$left" ] || run_docker rm --force "$left" >/dev/null
}

# Writes are blocked while a file says so; start.sh of the registry reads it. It says "blocked" until the cache has forgotten what is
# gone, and "open" until the registry has understood.
writes=$control_directory/registry/writes

say_of_writes() { echo "$1" | write_file "$writes" 640 "$me:${owner#*:}"; }

block_writes() {
    progress "pushes and deletes are refused from here on; pulls go on"
    say_of_writes "blocked $(cat /proc/sys/kernel/random/boot_id)"
    serves_by read-only || die "the registry did not stop to take pushes, so nothing was done: see 'docker logs $container_name'."
}

open_writes() {
    [ -e "$writes" ] || return 0
    stop_collector
    grep -q '^open' "$writes" || flush_cache
    say_of_writes open
    # One that does not run takes them when it starts.
    ! is_running "$container_name" || serves_by config ||
        die "the registry does not take pushes again: run 'docker restart $container_name'."
    rm -f "$writes"
    progress "pushes and deletes are taken again"
}

# serves_by NAME: waits until the registry serves by that configuration alone: the requests that have begun by the other one may
# take as long as they may when it is stopped. Not by `docker kill`, after which the engine would not start it again by itself.
serves_by() {
    remaining=$drain_seconds
    until in_registry kill -HUP 1 2>/dev/null && sleep 1 && [ "$(configurations)" = "$1" ]; do
        [ $((remaining -= 1)) -gt 0 ] && is_running "$container_name" || return 1
    done
}

configurations() {
    in_registry ps -o args | sed -n 's|^registry serve /etc/distribution/\(.*\)\.yml$|\1|p' | sort -u
}

# One that goes on although the program was killed. At the end of the program `set -e` is not in force, so what must not go on dies.
stop_collector() {
    # shellcheck disable=SC2016
    ! is_running "$container_name" ||
        in_registry sh -c 'ps -o pid,args | awk "\$2 == \"registry\" && \$3 == \"garbage-collect\" { print \$1 }" | xargs -r kill -9 || true' ||
        die "it is not known whether garbage is still collected, so pushes stay refused: see 'docker logs $container_name'."
}

uses_cache() { [ -n "$cache_container" ] && is_running "$cache_container"; }

# ask_cache COMMAND: prints "OK", for the password, and the answer.
ask_cache() {
    sed -n 's/^requirepass /AUTH /p' "$control_directory/redis/redis.conf" | { cat && echo "$1"; } |
        run_docker exec --interactive "$cache_container" redis-cli -s "$cache_socket" 2>&1
}

# A cache in the registry's own process ends with it; one of ours keeps nothing when it starts again.
flush_cache() {
    uses_cache || return 0
    case $(ask_cache FLUSHALL) in
    OK*OK) ;;
    *) run_docker restart "$cache_container" >/dev/null ||
        die "the registry's cache cannot be flushed, so pushes stay refused: run 'docker restart $cache_container'." ;;
    esac
}

# How it goes on, whatever happens.

# On a disk that is full nothing could begin that frees it, nor be told of: a file keeps 16 MiB for that.
reserve=$place/reserve
free_kib() { df -Pk "$place" | awk 'NR == 2 { print $4 }'; }
use_reserve() { [ "$(free_kib)" -gt 16384 ] || rm -f "$reserve"; }
# Of what no file system makes small.
keep_reserve() {
    [ -e "$reserve" ] || [ "$(free_kib)" -lt 65536 ] ||
        dd if=/dev/urandom of="$reserve" bs=65536 count=256 2>/dev/null || rm -f "$reserve"
}

# heal: what a program that was killed has left. Only for whoever holds the lock.
heal() {
    remove_tool
    open_writes
    ! is_function heal_restore || heal_restore
    # With the results also those that were not written to their end.
    for each in "$place"/tmp.* "$results"/*.??????; do
        case $each in "$scratch" | *.output) ;; *) rm -rf "$each" ;; esac
    done
}

perform() {
    is_function "operation_$operation" || die "'$operation' is no operation of this registry: set it in operations, and run 'up'."
    take_lock "$place/lock" "${option_wait:-86400}"
    at_exit=end_operation
    began=$(date +%s)
    [ ! -f "$results/$record.output" ] || mv -f "$results/$record.output" "$results/$record.output.1"
    exec >"$results/$record.output" 2>&1
    write_result running
    heal
    tell running
    "operation_$operation"
}

end_operation() {
    # In a shell of its own, which may end.
    (
        at_exit=
        heal
    ) || code=$told
    if [ "$code" != 0 ]; then
        outcome=failed code=$told
        sentence=$(sed -n 's/^nas-registry: //p' "$results/$record.output" | tail -n 1)
        [ -n "$sentence" ] || sentence="it stopped: $(tail -n 1 "$results/$record.output")"
        ! is_function "put_down_$operation" || "put_down_$operation"
    fi
    progress "$outcome: $sentence"
    write_result "$outcome"
    tell "$outcome"
    keep_reserve
    clean_up
}

# tell OUTCOME: whoever is to know of it; what fails there changes nothing here.
tell() {
    ! is_function notify || (
        at_exit=
        notify "$1"
    ) || progress "somebody could not be told of it"
}

# write_result OUTCOME: NAME=VALUE lines.
write_result() {
    write_file "$results/$record" 600 "$result_owner" <<END
result=$1
pid=$$
began=$began
ended=$([ "$1" = running ] || date +%s)
interrupted=${option_interrupted:-0}
said=$(printf '%s' "$sentence" | printable | tr '\n' ' ')
$notes
END
}

result_of() { sed -n "s/^$2=//p" "$results/$1" 2>/dev/null | head -n 1; }

# What goes on when this process is killed has no terminal, and does not hear that a connection has ended.
run() {
    # What it says before it has a result.
    first=$results/$record.start
    (: >"$first") 2>/dev/null || first=/dev/null
    (
        trap '' HUP
        exec /bin/sh "$program" perform "$operation" </dev/null >"$first" 2>&1
    ) &
    started=$!
    seen=0 waits='' ended='' quiet=0
    until [ -n "$ended" ]; do
        sleep 1
        [ -n "$(began "$started")" ] || ended=yes
        if [ "$(result_of "$record" pid)" = "$started" ]; then
            lines=$(($(wc -l <"$results/$record.output"))) quiet=$((quiet + 1))
            if [ "$lines" -gt "$seen" ]; then
                sed -n "$((seen + 1)),${lines}p" "$results/$record.output"
                seen=$lines quiet=0
            elif [ $((quiet % 10)) = 0 ]; then
                progress "goes on"
            fi
        elif [ -z "$waits" ] && [ -z "$ended" ]; then
            waits=yes
            progress "waits until another operation has ended"
        fi
    done
    unsaid=$(printable <"$first")
    [ "$first" = /dev/null ] || rm -f "$first"
    if [ "$(result_of "$record" pid)" != "$started" ]; then
        [ -z "$unsaid" ] || echo "$unsaid"
        reason=$(echo "$unsaid" | sed -n 's/^nas-registry: //p' | tail -n 1)
        die "${reason:-"'$operation' was ended before it could begin, and has done nothing: by somebody, or by the NAS for want of memory, of which its own log tells; run it again."}"
    fi
    [ "$(result_of "$record" result)" != running ] ||
        die "'$operation' was ended in the middle: by somebody, or by the NAS for want of memory, of which its own log tells; what it did is in 'nas-registry logs $operation', and the next run puts right what it has left."
    echo "--"
    cat "$results/$record"
}

# What is due runs one after the other. An operation that was interrupted, by a restart of the NAS, say, runs again, up to three
# times, if it has a schedule.
tick() {
    ! is_held "$place/lock" || return 0
    interrupted=$(grep -ls '^result=running' "$results"/* || true)
    if [ -n "$interrupted" ] || [ -e "$writes" ]; then
        take_lock "$place/lock" 5
        heal
        for file in $interrupted; do [ ! -e "$file" ] || put_down "${file##*/}"; done
        [ -z "$interrupted" ] || kept_waiting=$(cat "$waiting" 2>/dev/null || true)
        leave_lock
    fi
    due_operations
    # shellcheck disable=SC2086
    set -- $again $kept_waiting $due
    [ $# = 0 ] || wait_for_turn "$@"
    ticked_now
    undone=
    while [ $# -gt 0 ]; do
        operation=$1 times=0
        shift
        case " $done_now " in *" $operation "*) continue ;; esac
        done_now="$done_now $operation"
        wait_for_turn "$@"
        case " $again " in *" $operation "*) times=$(result_of "$operation" interrupted) ;; esac
        /bin/sh "$program" perform "$operation" scheduled=yes "interrupted=$times" || undone=yes
    done
    remember
    [ -z "$undone" ] || die "not every operation was done; 'nas-registry status' says more."
}

# wait_for_turn [NAME...]: what is due after the one that runs, for the case that a restart of the NAS comes between.
waiting=$place/waiting kept_waiting=''
wait_for_turn() { echo "$*" | write_file "$waiting" 600 "$result_owner"; }

# put_down NAME: that it was interrupted.
put_down() {
    record=$1 operation=${1%.dry} option_dry_run=${1#"${1%.dry}"}
    began=$(result_of "$1" began) option_interrupted=$(($(result_of "$1" interrupted) + 1))
    sentence="it was interrupted, by a restart of the NAS or by somebody"
    ! is_function "put_down_$operation" || "put_down_$operation"
    write_result failed
    case "$option_interrupted $newline$schedules" in
    [123]" "*"$newline$1 "*) again="$again $1" ;;
    *) tell failed ;;
    esac
}

# skip: what was due so far is not.
skip() {
    due_operations
    ticked_now
}

# The run before the last, and the last.
logs() {
    for file in "$results/$operation.output.1" "$results/$operation.output"; do
        [ ! -f "$file" ] || cat "$file"
    done
}

again='' done_now=''
operation=${2:-}
case $operation in *[!a-z]*) die "'$operation' is no name of an operation." ;; esac
# Also for the process that `run` starts.
for word in "$@"; do
    case $word in [a-z]*=*) export "option_$word" ;; esac
done
# How a dry run went says nothing of how what it tries did.
record=$operation${option_dry_run:+.dry}
case ${1:-} in perform | tick) use_reserve ;; esac
verbs="perform run tick heal skip status logs" streams=run
dispatch "$@" </dev/null
