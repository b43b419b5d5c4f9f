# The entry of a registry without TLS in the Docker Engine's daemon.json. A file with other settings is changed by jq, and a
# copy of it kept, so that every byte is given back as long as nobody has changed it meanwhile.

# Of one registry, so that two of them do not overwrite each other's.
copy_of() { echo "$1.before-nas-registry-$registry"; }
# What stands in the place of a copy where there was no file.
no_file=none$newline

# What with_entry makes of nothing.
new_daemon_json="{$newline  \"insecure-registries\": [$newline    \"$registry\"$newline  ]$newline}$newline"

with_entry() {
    jq -n --arg registry "$registry" 'first(inputs, {}) | ."insecure-registries" = (."insecure-registries" // []) + [$registry]'
}

# has_nothing PATH: no settings; an engine since 23 takes such a file, with a byte order mark, too.
has_nothing() { [ -z "$(as_root cat "$1" | LC_ALL=C tr -d '[:space:]\357\273\277')" ]; }
was_no_file() { [ "$(content_of "$copy")" = "$no_file." ]; }

# The registry's name for grep's patterns.
name_pattern() { echo "$registry" | sed 's/[].[]/\\&/g'; }

# JSON without its white space, and with what names of keys and registries have as such, not as an escape.
plain_json() {
    tr -d '[:space:]' |
        sed -e 's/\\u002[Dd]/-/g' -e 's/\\u002[Ee]/./g' -e 's/\\u003[Aa]/:/g' -e 's|\\u002[Ff]|/|g' -e 's|\\/|/|g' \
            -e 's/\\u005[Bb]/[/g' -e 's/\\u005[Dd]/]/g'
}

# Without jq, too: in the outermost object, and no entry has a quote in it.
has_entry() {
    if is_installed jq; then
        as_root cat "$1" | jq -e --arg registry "$registry" '[."insecure-registries"[]?] | index($registry)' >/dev/null 2>&1
    else
        as_root cat "$1" | plain_json | sed -e :a -e 's/\(.\){[^{}]*}/\1/' -e ta |
            grep -q "\"insecure-registries\":\[\(\"[^\"]*\",\)*\"$(name_pattern)\""
    fi
}

# check_settings PATH: a JSON object with which jq loses nothing: of two keys of one name it keeps one, and long numbers it rounds.
check_settings() {
    by_hand="add \"$registry\" to the list \"insecure-registries\" in that file by hand"
    is_installed jq ||
        die "'$1' has settings already, and jq, which would change it safely, is not on this machine: install jq, or $by_hand."
    settings=$(as_root cat "$1")
    printf '%s\n' "$settings" | jq -es 'length == 1 and (.[0] | (type == "object" or . == null) and
        (."insecure-registries" | type == "array" or . == null))' >/dev/null 2>&1 ||
        die "'$1' is not a JSON object that jq can read, or its \"insecure-registries\" are no list: mend it first, or $by_hand."
    unchanged=$(printf '%s\n' "$settings" | jq -c 'tostream, all(.. | numbers; . == . and fabs < 9007199254740992)')
    [ "$unchanged" = "$(printf '%s\n' "$settings" | jq -c --stream . && echo true)" ] ||
        die "'$1' has one key twice, or a number that jq would change: mend it first, or $by_hand."
}

# settle_entry PATH: the entry is there while $trust is insecure, and otherwise what was there before it.
settle_entry() {
    copy=$(copy_of "$1")
    if [ "$trust" != insecure ]; then
        as_root test ! -f "$copy" || remove_entry "$1"
    elif as_root test ! -f "$1"; then
        own_file "$1" "$new_daemon_json"
        own_file "$copy" "$no_file"
    elif has_nothing "$1"; then
        as_root cp -p "$1" "$copy"
        edit "$1" printf %s "$new_daemon_json"
    elif ! has_entry "$1"; then
        check_settings "$1"
        as_root cp -p "$1" "$copy"
        edit "$1" with_entry
    fi
}

needs_jq() { is_installed jq || die "jq, which changed '$1', is no longer on this machine: install it and run this again."; }

remove_entry() {
    if as_root test -f "$1"; then
        written=${new_daemon_json%"$newline"}
        if ! was_no_file && ! has_nothing "$copy"; then
            needs_jq "$1"
            written=$(as_root cat "$copy" | with_entry)
        fi
        if [ "$(as_root cat "$1")" != "$written" ]; then
            needs_jq "$1"
            # Another registry's copy that has our entry gets what was before us, so that its undo does not bring the entry back.
            for other in "$1".before-nas-registry-*; do
                [ "$(as_root cat "$other")" != "$written" ] || as_root cp -p "$copy" "$other"
            done
            edit "$1" jq --arg registry "$registry" '
                ."insecure-registries" -= [$registry] | if ."insecure-registries" == [] then del(."insecure-registries") else . end'
        elif was_no_file; then
            as_root rm -f "$1"
        else
            as_root cp -p "$copy" "$1"
        fi
    fi
    own_file "$copy" ""
}
