# Enters the registry in the list of Docker or Container Manager. The one in use stays in use, unless it is ours and goes.
#
# DSM takes a password only on a command line, where every user of the NAS could read it. So a person enters it, once: DSM
# keeps it when the entry changes.
#
# Values: those of dsm.sh, and name (of the entry), url, trust (true, or false: DSM checks its certificate), username, steps

api_list=SYNO.Docker.Registry
export name url trust username
# An entry of another name for the same address is a person's; it serves as well, and stays theirs.
definitions='
    def named: .name == env.name;
    def wanted: named and .url == env.url and .enable_trust_SSC == (env.trust == "true") and (.username // "") == env.username;
    def theirs: (named | not) and (.url | rtrimstr("/")) == env.url;'

by_hand() {
    die "DSM did not enter the registry in its list: $1. Do this by hand, or leave the list out, and run 'up' again:
$steps"
}

# any_entry CONDITION: whether the list that was read last has such an entry.
any_entry() { holds "$list" "any(.registries[]?; $1)"; }
is_entered() { any_entry wanted; }

read_list() {
    dsm "$api_list" get || return 1
    list=$(pick "$answer" .data)
    using=$(pick "$list" '.using // empty')
}

use() { [ "$using" = "$1" ] || dsm "$api_list" using "name=$(json "$1")"; }

apply() {
    read_list || by_hand "$(explain)"
    ! any_entry "wanted or theirs" || return 0
    before=$using
    set -- "name=$(json "$name")" "url=$(json "$url")" "enable_trust_SSC=$trust" "username=$(json "$username")"
    if any_entry named; then
        set -- set "oldname=$(json "$name")" "$@"
    else
        set -- create "$@" enable_registry_mirror=false "mirror_urls=[]"
    fi
    change "the entry is saved" read_list is_entered dsm "$api_list" "$@"
    # Only one registry can be in use.
    [ -z "$before" ] || use "$before" || by_hand "$(explain)"
}

revert() {
    if read_list; then
        any_entry named || return 0
        # Docker Hub, which DSM keeps whatever happens.
        [ "$using" != "$name" ] ||
            use "$(pick "$list" '[.registries[] | select(named | not)] | (map(select(.syno)) + .)[0].name')" || true
        ! dsm "$api_list" delete "name=$(json "$name")" "url=$(json "$url")" || ! read_list || any_entry named || return 0
    fi
    die "DSM did not take the registry out of its list: $(explain). Remove the entry '$name' there and run 'destroy' again."
}

check() {
    read_list || die "DSM does not show its registry list: $(explain)."
    ! any_entry "wanted or theirs" || return 0
    if any_entry named; then
        echo "the entry '$name' of DSM's registry list is not as this stack made it"
    else
        echo "DSM's registry list has no entry '$name'"
    fi
}

prepare() { require_root "DSM's registry list"; }

dispatch "$@" </dev/null
