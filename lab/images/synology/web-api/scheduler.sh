# shellcheck shell=sh disable=SC2154,SC2016
# SYNO.Core.TaskScheduler and .Root: every method has versions of its own; what root runs is changed by .Root alone since DSM 7; a
# task is found by its number and its real owner; `set` replaces it all. A repeat ends with last_work_hour. That a schedule must have
# monthly_week, or must not, is told of some DSMs and not of others. Sourced by synowebapi.
# shellcheck source=/dev/null
. "$lib/web-api/task-files.sh"

case $DSM:$api in
  6.2:*.Root) refuse 102 ;;
  7*:*.Root | *:*Scheduler) ;;
esac
case $method in
  create | set | get) newest=4 ;;
  list) newest=3 ;;
  delete | set_enable) newest=2 ;;
  *) refuse 103 ;;
esac
[ "$DSM" != 6.2 ] || newest=2
[ "$version" -le "$newest" ] || refuse 104
case $api:$method in
  *.Root:create | *.Root:set) ;;
  *.Root:*) refuse 103 ;;
esac

# Of what is given.
definitions='
  def is_daily: .repeat_date == 1001;
  def valid($dsm): type == "object" and .date_type == 0 and .last_work_hour >= .hour
    and (.repeat_min | IN(0, 1, 5, 10, 15, 20, 30)) and (.week_day | type == "string")
    and ($dsm == "6.2" or ((.repeat_date | IN(1001, 1002, 1003))
      and ($dsm != "7.2" or (is_daily and has("monthly_week") | not)) and ($dsm != "7.1" or has("monthly_week"))));'

refuse_invalid() {
  printf '%s' "$parameters" | jq -e --arg dsm "$DSM" "$definitions"'
    (.schedule | valid($dsm)) and (.extra | type == "object" and (.script | type == "string"))' > /dev/null || refuse 4800
}

given_task() { # id
  printf '%s' "$parameters" | jq -c --argjson id "$1" '{ id: $id, name, owner, real_owner: .owner, type: "script", schedule,
    enable: (.enable == true), extra: ({ notify_enable: false, notify_mail: "", notify_if_error: false } + .extra) }'
}

# What root runs.
may_change() {
  case $DSM:$api:$(text owner) in
    6.2:* | *.Root:root) ;;
    *:root | *.Root:*) refuse 105 ;;
  esac
}

change() { # jq options…
  jq -c "$@" "$store" > "$store.new"
  mv "$store.new" "$store"
  publish_tasks
}

case $method in
  list)
    succeed "$(jq -c --argjson given "$parameters" --argjson version "$version" '
      [.[] | { action: "Run: \(.extra.script)", can_delete: true, can_edit: true, can_run: true, enable, id, name,
        next_trigger_time: "2026-01-01 00:00", owner, type } + if $version > 2 then { real_owner } else {} end]
      | { total: length, tasks: .[$given.offset // 0:][:if ($given.limit // 50) < 0 then length else $given.limit // 50 end] }' "$store")"
    ;;
  get)
    succeed "$(jq -c --argjson given "$parameters" --argjson version "$version" '
      map(select(.id == $given.id and ($version < 3 or .real_owner == $given.real_owner)))[0] // {}' "$store")"
    ;;
  create)
    may_change
    [ "$(text type)" = script ] || refuse 4800
    refuse_invalid
    task=$(given_task "$(jq '[.[].id] | max // 0 | . + 1' "$store")")
    change --argjson task "$task" '. + [$task]'
    succeed "$(printf '%s' "$task" | jq -c '{ id }')"
    ;;
  set)
    may_change
    id=$(parameter id)
    jq -e --argjson id "$id" --arg owner "$(text real_owner)" --argjson version "$version" \
      'any(.[]; .id == $id and ($version < 3 or .real_owner == $owner))' "$store" > /dev/null || refuse 4800
    refuse_invalid
    task=$(given_task "$id")
    change --argjson task "$task" 'map(if .id == $task.id then $task else . end)'
    succeed
    ;;
  set_enable)
    change --argjson given "$(parameter status)" 'map(. as $task | reduce $given[] as $one (.;
      if $one.id == $task.id and $one.real_owner == $task.real_owner then .enable = $one.enable else . end))'
    succeed
    ;;
  delete)
    change --argjson given "$(parameter tasks)" \
      'map(. as $task | select(any($given[]; .id == $task.id and .real_owner == $task.real_owner) | not))'
    succeed
    ;;
esac
