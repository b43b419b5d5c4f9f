# Lets one key reach the Docker Engine over SSH: it may run 'docker system dial-stdio' and no other command. revert leaves
# authorized_keys byte for byte as it was; the key's comment records what apply had to change around it: d = made ~/.ssh,
# f = made the file, n = added the newline that the file's last line lacked.
#
# Values: public_key ("type base64"), marker, forced_command, from (addresses with commas between them; "" is any)

prepare() {
    [ -d "$HOME" ] ||
        die "connection.user: the home directory '$HOME' of $(id -un) does not exist: enable the user home service (Synology: Control Panel > User & Group > Advanced) and run 'up' again."
    # Where the path leads: QNAP keeps ~/.ssh in its flash behind a link, and a rename must not replace a link.
    directory=$HOME/.ssh
    [ ! -e "$directory" ] || directory=$(readlink -f "$directory")
    file=$directory/authorized_keys
    [ ! -e "$file" ] || file=$(readlink -f "$file")
    # Two stacks may do this at the same moment, and the later rename would lose the other's key.
    [ "$1" = check ] || take_own_lock authorized-keys
    present=$(grep -F " $marker:" "$file" 2>/dev/null || true)
    changes=$(echo "$present" | sed -n "1s/.* $marker:\([a-z]*\)\$/\1/p")
}

wanted() { echo "restrict,${from:+from=\"$from\",}command=\"$forced_command\" $public_key $marker:$changes"; }

apply() {
    made=
    [ -d "$directory" ] || made=d
    [ -f "$file" ] || made=${made}f
    changes=$changes$made
    [ -n "$present$made" ] || [ -z "$(tail -c 1 "$file")" ] || changes=${changes}n
    # Unchanged means untouched, so that running twice is running once.
    [ "$present" != "$(wanted)" ] || return 0
    # Not `:`, of which a shell does not survive a failed redirection.
    if ! { { [ -d "$directory" ] || mkdir "$directory"; } && { [ -f "$file" ] || true >"$file"; } && enter_line; }; then
        [ "${made%f}" = "$made" ] || rm -f "$file"
        [ "${made#d}" = "$made" ] || rmdir "$directory" 2>/dev/null || true
        could_not_write "$file"
    fi
}

# In the place of our earlier line, so that there is always one. A variable of awk's would be read for backslashes.
enter_line() {
    content=$(line=$(wanted) awk -v marker=" $marker:" '
        index($0, marker) == 0 { print; next }
        !written { print ENVIRON["line"]; written = 1 }
        END { if (!written) print ENVIRON["line"] }' "$file" && echo .) && content=${content%.} && put_content
}

put_content() { printf '%s' "$content" | replace_file "$file"; }

revert() {
    [ -n "$present" ] || return 0
    # Another stack's key that now stands where ours stood takes away what we made when it goes.
    content=$(awk -v marker=" $marker:" -v changes="$changes" '
        index($0, marker) { next }
        !given && / nas-registry:[0-9a-f]+:[a-z]*$/ { $0 = $0 changes; given = 1 }
        { print }' "$file" && echo .)
    content=${content%.}
    # The newline goes only while nobody has added a line that needs it.
    [ "${changes#*n}" = "$changes" ] || ! tail -n 1 "$file" | grep -qF " $marker:" || content=${content%"$newline"}
    if [ -z "$content" ] && [ "${changes#*f}" != "$changes" ]; then
        rm -f "$file"
        [ "${changes#*d}" = "$changes" ] || rmdir "$directory" 2>/dev/null || true
    else
        put_content || could_not_write "$file"
    fi
}

check() {
    if [ -z "$present" ]; then
        echo "'$file' has no line that lets this stack reach the Docker Engine"
    elif [ "$present" != "$(wanted)" ]; then
        echo "the line in '$file' that lets this stack reach the Docker Engine is not as this stack wrote it"
    elif [ "$(grep -cF "$public_key" "$file")" != 1 ]; then
        echo "'$file' has another line with this stack's key"
    fi
}

dispatch "$@" </dev/null
