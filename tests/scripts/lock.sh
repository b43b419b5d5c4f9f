# shellcheck shell=sh disable=SC2154
# Whether who has the lock has it alone.
#
# Values: place

apply() {
    take_lock "$place/lock"
    mkdir "$place/in" || die "two have the lock at once"
    command sleep 0.02
    rmdir "$place/in"
}

sleep() { command sleep 0.05; }

dispatch "$@" </dev/null
