# shellcheck shell=sh disable=SC2154
# Lets one key, and nothing but that key, reach the Docker Engine over SSH: the key may run 'docker system dial-stdio'
# and no other command. $1 is apply, revert or check; revert leaves authorized_keys byte for byte as it was.
#
# Values: public_key ("type base64"), marker, forced_command
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
        changes=$(changes_so_far)
    elif [ -n "$(tail -c 1 "$file")" ]; then
        changes=${changes}n
    fi
    line="restrict,command=\"$forced_command\" $public_key $marker:$changes"
    # Unchanged means untouched, so that running twice is running once.
    ! grep -qxF "$line" "$file" || return 0
    content=$(without_our_key && echo .)
    content=${content%.}
    case $content in
    "" | *"
") ;;
    *) content="$content
" ;;
    esac
    printf '%s%s\n' "$content" "$line" | replace_file "$file"
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
    grep -qF "restrict,command=\"$forced_command\" $public_key $marker:" "$file" 2>/dev/null ||
        echo "'$file' has no line that lets this stack reach the Docker Engine"
}

main() {
    find_file
    # Two stacks may do this at the same moment, and the later rename would lose the other's key.
    [ "$1" = check ] || take_own_lock authorized-keys
    case $1 in
    apply) apply ;;
    revert) revert ;;
    check) check ;;
    esac
}

main "$1" </dev/null
