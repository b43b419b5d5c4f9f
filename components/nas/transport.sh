# shellcheck shell=sh disable=SC2154
# Lets one key, and nothing but that key, reach the Docker Engine over SSH: the key may run 'docker system dial-stdio'
# and no other command. $1 is apply, revert or check; revert leaves authorized_keys byte for byte as it was.
#
# Values: public_key ("type base64"), marker, forced_command, from (addresses with commas between them; "" is any)
# The key's comment records what apply had to change around it: d = made ~/.ssh, f = made the file, n = added the
# newline that the file's last line lacked.

# Where the path leads: QNAP keeps ~/.ssh in its flash behind a link, and a rename must not replace a link.
find_file() {
    [ -d "$HOME" ] ||
        die "connection.user: the home directory '$HOME' of $(id -un) does not exist: enable the user home service (Synology: Control Panel > User & Group > Advanced) and run 'up' again."
    directory=$HOME/.ssh
    [ ! -e "$directory" ] || directory=$(readlink -f "$directory")
    file=$directory/authorized_keys
    [ ! -e "$file" ] || file=$(readlink -f "$file")
}

without_our_key() {
    awk -v marker=" $marker:" 'index($0, marker) == 0' "$file"
}

# Another stack's key now stands where ours stood, and takes away what we made when it goes.
hand_over_changes() {
    awk -v changes="$changes" '
        !given && / nas-registry:[0-9a-f]+:[a-z]*$/ { $0 = $0 changes; given = 1 }
        { print }'
}

# All of our line but its last word's end, which says what apply had to change.
line_but_changes() {
    printf '%s' "restrict,${from:+from=\"$from\",}command=\"$forced_command\" $public_key $marker:"
}

# with_line LINE: in the place of our line of before.
with_line() {
    # A variable of awk's would be read for backslashes.
    line=$1 awk -v marker=" $marker:" '
        index($0, marker) == 0 { print; next }
        !written { print ENVIRON["line"]; written = 1 }' "$file"
}

changes_so_far() {
    sed -n "s/.* $marker:\([a-z]*\)\$/\1/p" "$file" | head -n 1
}

apply() {
    changes=
    if [ ! -d "$directory" ]; then
        mkdir "$directory"
        changes=d
    fi
    if [ ! -f "$file" ]; then
        : >"$file"
        changes=${changes}f
    fi
    if grep -qF " $marker:" "$file"; then
        replace_line "$(line_but_changes)$(changes_so_far)"
        return
    fi
    content=$(cat "$file" && echo .)
    content=${content%.}
    case $content in
    "" | *"
") ;;
    *)
        changes=${changes}n
        content="$content
"
        ;;
    esac
    printf '%s%s\n' "$content" "$(line_but_changes)$changes" | replace_file "$file"
}

# replace_line LINE: at once, so that there is no moment without a line of ours. Unchanged means untouched, so that running
# twice is running once.
replace_line() {
    [ "$(grep -F " $marker:" "$file")" != "$1" ] || return 0
    with_line "$1" | replace_file "$file"
}

revert() {
    [ -f "$file" ] && grep -qF " $marker:" "$file" || return 0
    changes=$(changes_so_far)
    last=$(tail -n 1 "$file" | grep -cF " $marker:" || true)
    content=$(without_our_key | hand_over_changes && echo .)
    content=${content%.}
    # The newline goes only while nobody has added a line that needs it.
    case $changes$last in
    *n*1) content=${content%
} ;;
    esac
    if [ -z "$content" ] && [ "${changes#*f}" != "$changes" ]; then
        rm -f "$file"
        [ "${changes#*d}" = "$changes" ] || rmdir "$directory" 2>/dev/null || true
        return 0
    fi
    printf '%s' "$content" | replace_file "$file"
}

check() {
    if ! grep -qF " $marker:" "$file" 2>/dev/null; then
        echo "'$file' has no line that lets this stack reach the Docker Engine"
    elif [ "$(grep -F " $marker:" "$file")" != "$(line_but_changes)$(changes_so_far)" ]; then
        echo "the line in '$file' that lets this stack reach the Docker Engine is not as this stack wrote it"
    elif [ "$(grep -cF "$public_key" "$file")" != 1 ]; then
        echo "'$file' has another line with this stack's key"
    fi
}

prepare() {
    find_file
    # Two stacks may do this at the same moment, and the later rename would lose the other's key.
    [ "$1" = check ] || take_own_lock authorized-keys
}

dispatch "$@" </dev/null
