# shellcheck shell=sh disable=SC2154,SC2034
# A script that has a task of its own in the NAS's scheduler (components/nas/schedule.sh).
#
# Values: title, program, programs (directory with the host's commands, "": none of its own), only_programs (no others are seen)

prepare() {
    [ -z "${programs:-}" ] || PATH=$programs:$PATH
    [ -z "${only_programs:-}" ] || PATH=$programs
    name=mine
}
apply() { nas_schedule "$title" "$program"; }
revert() { nas_unschedule "$title" "$program"; }
check() { nas_schedule_problem "$title" "$program"; }

dispatch "$@" </dev/null
