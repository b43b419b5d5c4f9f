# shellcheck shell=sh disable=SC2154,SC2016
# Tasks as DSM has them on disk, and the lines of /etc/crontab that it makes of them. Sourced; needs $root.
store=$root/usr/syno/etc/scheduled-tasks.json
task_directory=$root/usr/syno/etc/synoschedule.d/root

publish_tasks() {
  rm -f "$task_directory"/*.task
  for id in $(jq '.[] | select(.owner == "root") | .id' "$store"); do
    jq -r --argjson id "$id" '.[] | select(.id == $id) | "id=\(.id)", "type=daily", "name=\(.name)", "owner=0",
      "last work hour=\(.schedule.last_work_hour)", "repeat min=\(.schedule.repeat_min)", "run hour=\(.schedule.hour)",
      "action=#common:run#: \(.extra.script | gsub("\n"; " "))", "app args=\(.extra)", "cmd=\(.extra.script | @base64)",
      "state=\(if .enable then "enabled" else "disabled" end)"' "$store" > "$task_directory/$id.task"
  done
  {
    printf 'MAILTO=""\nPATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/syno/sbin:/usr/syno/bin:/usr/local/sbin:/usr/local/bin\n'
    printf '#minute\thour\tmday\tmonth\twday\twho\tcommand\n'
    jq -r '.[] | select(.enable) | .schedule as $at | [
      if $at.repeat_min > 0 then "\($at.minute)-59/\($at.repeat_min)" else $at.minute end,
      if $at.repeat_min > 0 then "\($at.hour)-\($at.last_work_hour)"
        elif $at.repeat_hour > 0 then "\($at.hour)-\($at.last_work_hour)/\($at.repeat_hour)" else $at.hour end,
      "*", "*", $at.week_day, .owner, "/usr/syno/bin/synoschedtask --run id=\(.id)"] | map(tostring) | join("\t")' "$store"
  } > "$root/etc/crontab.new"
  mv "$root/etc/crontab.new" "$root/etc/crontab"
}

if [ ! -e "$store" ]; then
  mkdir -p "$task_directory" "$root/etc"
  echo '[]' > "$store"
  publish_tasks
fi
