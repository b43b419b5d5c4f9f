# shellcheck shell=sh disable=SC2154,SC2016
# Enters the registry in the registry list of Docker or Container Manager. $1 is apply, revert or check; revert takes that
# entry out and no other. Which registry is in use stays as it is, unless ours is and goes.
#
# DSM takes a password only as a word on a command line, where every user of the NAS could read it meanwhile. So it is a
# person who enters it, once: DSM keeps it when the entry changes.
#
# Values: synowebapi, privilege, name (of the entry), url, trust (true or false: a certificate that DSM cannot check),
#         username, steps

registry=SYNO.Docker.Registry

by_hand() { # reason
    die "DSM did not enter the registry in its list: $1. Do this by hand, or leave the list out, and run 'up' again:
$steps"
}

# entries FILTER [JQ-OPTION...]: reads the list that was got last.
entries() {
    filter=$1
    shift
    printf '%s' "$list" | jq "$@" --arg name "$name" --arg url "$url" --argjson trust "$trust" --arg username "$username" "$filter"
}

read_list() {
    list=$(ask -c .data)
    using=$(entries '.using // empty' -r)
}

get_list() {
    dsm "$registry" get || return 1
    read_list
}

is_listed() {
    [ "$(entries 'any(.registries[]?; .name == $name)')" = true ]
}

is_as_wanted() {
    [ "$(entries 'any(.registries[]?; .name == $name and .url == $url and .enable_trust_SSC == $trust
        and (.username // "") == $username)')" = true ]
}

# What a person entered for the same address serves as well, and stays theirs.
is_listed_by_another() {
    [ "$(entries 'any(.registries[]?; .name != $name and (.url | rtrimstr("/")) == $url)')" = true ]
}

put_entry() {
    set -- "name=$(json "$name")" "url=$(json "$url")" "enable_trust_SSC=$trust" "username=$(json "$username")"
    if is_listed; then
        dsm "$registry" set "oldname=$(json "$name")" "$@"
    else
        dsm "$registry" create "$@" enable_registry_mirror=false "mirror_urls=[]"
    fi
}

# Only one registry can be in use.
use() { # name
    [ "$using" = "$1" ] || dsm "$registry" using "name=$(json "$1")"
}

apply() {
    find_form "$registry" get || by_hand "$(explain)"
    read_list
    if is_as_wanted || is_listed_by_another; then
        return 0
    fi
    before=$using
    put_entry || by_hand "$(explain)"
    { get_list && is_as_wanted; } || by_hand "it said that the entry is saved, and does not list it"
    [ -z "$before" ] || use "$before" || by_hand "$(explain)"
}

revert() {
    if find_form "$registry" get; then
        read_list
        is_listed || return 0
        if [ "$using" = "$name" ]; then
            # Docker Hub, which DSM keeps whatever happens.
            use "$(entries '[.registries[] | select(.name != $name)] | (map(select(.syno)) + .)[0].name' -r)" || true
        fi
        if dsm "$registry" delete "name=$(json "$name")" "url=$(json "$url")" && get_list && ! is_listed; then
            return 0
        fi
    fi
    die "DSM did not take the registry out of its list: $(explain). Remove the entry '$name' there and run 'destroy' again."
}

check() {
    find_form "$registry" get || die "DSM does not show its registry list: $(explain)."
    read_list
    if is_as_wanted || is_listed_by_another; then
        return 0
    fi
    if is_listed; then
        echo "the entry '$name' of DSM's registry list is not as this stack made it"
    else
        echo "DSM's registry list has no entry '$name'"
    fi
}

prepare() {
    require_root "DSM's registry list"
}

dispatch "$@" </dev/null
