# Gives an existing directory with images, and all in it, to the registry's user. After an interruption the next run goes on.
#
# Values: those of data.sh, and take_over_from (uid:gid that it belongs to)

# Directory by directory from the top, so that each is root's alone before find looks into it: from then on nobody else can
# put another one in its place, also who is in it already.
close_all_here() {
    set -- -exec chown 0:0 '{}' ';' -exec chmod 700 '{}' ';'
    [ ! -x /usr/syno/bin/synoacltool ] || set -- "$@" -exec /usr/syno/bin/synoacltool -del '{}' ';'
    find . -type d "$@" >/dev/null
}

take_over_here() {
    found=$(owner_of .)
    [ "$found" != "$owner" ] || return 0
    taking=" from $take_over_from"
    [ "$found" = "$take_over_from" ] || is_claimed ||
        die "takeOverDataFrom: '$data_directory' belongs to $found and not to $take_over_from: nothing was changed."
    # One that is known and has been replaced is not taken, but refused by what comes next.
    ! is_known || { is_out_of_reach && has_mark "$known_id"; } || return 0
    refuse_schema1
    make_control_directory
    claim_here
    ! grep -qF " $data_directory/" /proc/mounts ||
        die "takeOverDataFrom: something is mounted in '$data_directory': take it away, and run 'up' again."
    close_all_here
    # Distribution writes nothing but directories and files, each under one name. Another name of a file could be a system's.
    odd=$(find . ! -type d ! -type f && find . -type f -links +1) ||
        die "takeOverDataFrom: '$data_directory' could not be looked through; the reason stands above."
    odd=$(echo "$odd" | head -n 1)
    [ -z "$odd" ] ||
        die "takeOverDataFrom: '$data_directory/${odd#./}' is a link, has a second name or is no file, which no registry has made: remove it, and run 'up' again; the directory is root's meanwhile."
    for entry in ./* ./.[!.]* ./..?*; do
        [ -e "$entry" ] || continue
        chmod -R u+rwX,go-rwx "$entry"
        chown -R "$owner" "$entry"
    done
    # Last, since it says that all is done.
    chown "$owner" .
    rm -f "$claim"
}

apply() {
    [ "$me" = 0 ] || die "takeOverDataFrom: $(id -un) can give no file away: let connection.user be root or an administrator with sudo."
    read_record
    ! in_directory "$data_directory" true || in_directory "$data_directory" take_over_here
}

# Who owns the directory is for files.sh to say.
check() { true; }

dispatch "$@" </dev/null
