# The cron of QTS (see ../schedule.sh): it works from a copy of /etc/config/crontab, which outlives a restart. Ours is a line that ends
# with the title as a comment, and stands first, so that every byte behind it stays as it is.

# Tests have another NAS in a directory.
root=${root:-}

nas_scheduler() { echo "/etc/config/crontab"; }

by_hand() {
    die "cron of this NAS did not take the task '$title': $1. Run 'crontab /etc/config/crontab && /etc/init.d/crond.sh restart' there, and 'up' again."
}

# table_lines END WHICH: the lines that end so (p), or all others (!p).
table_lines() { LC_ALL=C sed -n "/$(printf '%s' "$1" | sed 's/[][\\.*^$/]/\\&/g')\$/$2" "$table"; }

# read_table: sets $table to where the path leads, since /etc/config is a link; $ours and $named are the lines with our command, and
# with our title whatever they run.
read_table() {
    table=$(readlink -f "$root/etc/config/crontab" || true)
    [ -f "$table" ] || return 1
    entry="*/5 * * * * $command # $title"
    ours=$(table_lines " $command # $title" p)
    named=$(table_lines " # $title" p)
}

look_at_entry() {
    read_table ||
        die "'/etc/config/crontab', from which QTS makes its cron table, is not there on this NAS: restart the NAS, and run 'up' again."
    case $ours in
    "$entry")
        fault=
        crontab -l 2>/dev/null | grep -qxF -e "$entry" || fault="is not in the table that cron works from"
        ;;
    "#"*) fault="is disabled" ;;
    ?*) fault="does not run once every five minutes" ;;
    *)
        fault="is gone"
        [ -z "$named" ] || fault="runs something else"
        ;;
    esac
}

put_entry() {
    lock_table
    read_table
    stale=" # $title"
    [ -z "$ours" ] || stale=" $command$stale"
    [ "$ours" = "$entry" ] || without "$stale" "$entry$newline"
    load_table
}

remove_entry() {
    lock_table
    { read_table && [ -n "$ours" ]; } || return 0
    without " $command # $title"
    load_table
}

# Of two renames the later would lose the other's line. This is a subshell, whatever lock the script itself holds.
lock_table() {
    held_lock="" own_place=""
    trap leave_lock EXIT
    take_own_lock crontab
}

# without END [TEXT]: writes the table anew without the lines that end so, behind a text.
without() {
    content=$(table_lines "$1" '!p' && echo .) || could_not_write "$table"
    printf '%s' "${2:-}${content%.}" | replace_file "$table" || could_not_write "$table"
}

load_table() {
    { crontab "$table" && "$root/etc/init.d/crond.sh" restart >/dev/null; } || by_hand "the reason stands above"
}
