# The entry of a registry without TLS in the Docker Engine's daemon.json. A file with other settings is changed by jq, and a
# copy of it kept, so that every byte is given back as long as nobody has changed it meanwhile. The copy is empty where there
# was no file.

# Of one registry, so that two of them do not overwrite each other's.
copy_of() { echo "$1.before-nas-registry-$registry"; }

# What with_entry makes of nothing.
new_daemon_json="{$newline  \"insecure-registries\": [$newline    \"$registry\"$newline  ]$newline}$newline"

with_entry() {
    jq -n --arg registry "$registry" 'first(inputs, {}) | ."insecure-registries" = (."insecure-registries" // []) + [$registry]'
}

# Without jq, too: no entry has a quote in it.
has_entry() {
    pattern=$(echo "\"$registry\"" | sed 's/[].[]/\\&/g')
    as_root cat "$1" | tr -d '[:space:]' | grep -q "\"insecure-registries\":\[\(\"[^\"]*\",\)*$pattern"
}

# settle_entry PATH: the entry is there while $trust is insecure, and otherwise what was there before it.
settle_entry() {
    copy=$(copy_of "$1")
    if [ "$trust" != insecure ]; then
        as_root test ! -f "$copy" || remove_entry "$1"
    elif as_root test ! -s "$1"; then
        own_file "$1" "$new_daemon_json"
        as_root touch "$copy"
    elif ! has_entry "$1"; then
        is_installed jq ||
            die "'$1' has settings already, and jq, which would change it safely, is not on this machine: install jq, or add \"$registry\" to the list \"insecure-registries\" in that file by hand."
        as_root cat "$1" | jq -e 'type == "object"' >/dev/null 2>&1 ||
            die "'$1' is not a JSON object: mend it first."
        as_root cp -p "$1" "$copy"
        edit "$1" with_entry
    fi
}

remove_entry() {
    if as_root test ! -s "$copy" && [ "$(content_of "$1")" = "$new_daemon_json." ]; then
        as_root rm -f "$1"
    elif as_root test -f "$1"; then
        is_installed jq || die "jq, which changed '$1', is no longer on this machine: install it and run this again."
        written=$(as_root cat "$copy" | with_entry)
        if [ "$(as_root cat "$1")" = "$written" ]; then
            as_root cp -p "$copy" "$1"
        else
            # Another registry's copy that has our entry gets what was before us, so that its undo does not bring the entry back.
            for other in "$1".before-nas-registry-*; do
                [ "$(as_root cat "$other")" != "$written" ] || as_root cp -p "$copy" "$other"
            done
            edit "$1" jq --arg registry "$registry" '
                ."insecure-registries" -= [$registry] | if ."insecure-registries" == [] then del(."insecure-registries") else . end'
        fi
    fi
    own_file "$copy" ""
}
