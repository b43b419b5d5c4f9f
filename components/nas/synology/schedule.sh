# DSM's Task Scheduler (see ../schedule.sh), by its web API. Every method has versions of its own, and since DSM 7 what root runs
# is changed by an API of its own: the newest that this DSM has is taken.

synowebapi=${synowebapi:-/usr/syno/bin/synowebapi}
task_files=${task_files:-/usr/syno/etc/synoschedule.d/root}
export title command
# By get, of a task of this title that root runs. A person may have entered it by hand, with a newline at the end.
definitions='
    def number: tonumber? // -1;
    def runs: (.extra.script? // "" | tostring | rtrimstr("\n")) == env.command;
    def timely: .schedule | (.week_day? // "" | tostring | split(",") | length) == 7
        and [(.date_type, .hour, .minute, .repeat_hour, .repeat_min, .last_work_hour) | number] == [0, 0, 0, 0, 5, 23];
    def fault: if runs | not then "runs something else" elif .enable | not then "is disabled"
        elif timely | not then "does not run every five minutes" else "right" end;'

nas_scheduler() { echo "Control Panel > Task Scheduler"; }

by_hand() {
    die "DSM did not enter the task in its Task Scheduler: $1. Do this by hand and run 'up' again:
  1. $(nas_scheduler) > Create > Scheduled Task > User-defined script.
  2. General: the task '$title', the user root, enabled.
  3. Schedule: daily, first run at 00:00, every 5 minutes, last run at 23:55.
  4. Task Settings > Run command: $command"
}

task_scheduler() { # METHOD [NAME=VALUE...]
    known_as=SYNO.Core.TaskScheduler
    case $1 in
    create | set) known_as="$known_as.Root/4 $known_as/3 $known_as/2 $known_as/1" ;;
    get) known_as="$known_as/4 $known_as/3 $known_as/2 $known_as/1" ;;
    list) known_as="$known_as/3 $known_as/2 $known_as/1" ;;
    delete) known_as="$known_as/2 $known_as/1" ;;
    esac
    for one in $known_as; do
        ! dsm "$one" "$@" || return 0
        case $(pick "$answer" .error.code) in
        # There is no such API, method or version.
        102 | 103 | 104) ;;
        *) return 1 ;;
        esac
    done
    return 1
}

# read_entries: sets $entries to what root runs under this title. Names are not unique.
read_entries() {
    task_scheduler list offset=0 limit=-1 || return 1
    entries=
    for id in $(pick "$answer" '.data.tasks[]? | select(.name == env.title and .owner == "root" and .type == "script") | .id'); do
        task_scheduler get "id=$id" real_owner=root || return 1
        entries=$entries$(pick "$answer" ".data + { id: $id }")
    done
    entries=$(printf '%s' "$entries" | jq -cs .)
}

# The one to put right: ours rather than another of the title.
entry='(map(select(runs)) + .)[0]'

look_at_entry() {
    if read_entries; then
        fault=$(pick "$entries" "if . == [] then \"is gone\" else $entry | fault end")
        # What jq cannot read is not right.
        fault=${fault:-is not as this stack made it}
        [ "$fault" != right ] || fault=
    else
        why=$(explain)
        # What a person has entered by hand is seen in DSM's own files.
        fault=
        is_on_disk || by_hand "$why"
    fi
}

is_on_disk() {
    for file in "$task_files"/*.task; do
        ! { grep -qxF "name=$title" "$file" && grep -qxF state=enabled "$file" && grep -qF ": $command" "$file"; } 2>/dev/null || return 0
    done
    return 1
}

# DSM 7.3 is said to refuse "monthly_week" with code 4800 in a task that is daily; others have been seen with it only.
put_entry() {
    set -- "name=$(json "$title")" owner=root real_owner=root enable=true "extra=$(jq -nc '
        { script: env.command, notify_enable: false, notify_mail: "", notify_if_error: false }')"
    id=$(pick "$entries" "$entry.id // empty")
    if [ -n "$id" ]; then
        set -- set "id=$id" "$@"
    else
        set -- create type=script "$@"
    fi
    schedule=$(jq -nc '{ version: 4, date_type: 0, repeat_date: 1001, week_day: "0,1,2,3,4,5,6", hour: 0, minute: 0,
        repeat_hour: 0, repeat_min: 5, last_work_hour: 23,
        repeat_min_store_config: [1, 5, 10, 15, 20, 30], repeat_hour_store_config: [range(1; 24)] }')
    ! task_scheduler "$@" "schedule=$schedule" || return 0
    [ "$(pick "$answer" .error.code)" != 4800 ] ||
        ! task_scheduler "$@" "schedule=$(pick "$schedule" '. + { monthly_week: [] }')" || return 0
    by_hand "$(explain)"
}

our_tasks() { pick "$entries" '[.[] | select(runs) | { id, real_owner: "root" }]'; }

remove_entry() {
    if read_entries; then
        [ "$(our_tasks)" != "[]" ] || return 0
        ! task_scheduler delete "tasks=$(our_tasks)" || ! read_entries || [ "$(our_tasks)" != "[]" ] || return 0
    else
        # What was done by hand may have been undone by hand.
        is_on_disk || return 0
    fi
    die "DSM did not take the task out of its Task Scheduler: $(explain). Remove the task '$title' there and run 'destroy' again."
}
