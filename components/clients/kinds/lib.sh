# Shared by the scripts that make a machine trust the registry and that take this back. A kind of client is a file with
#   KIND_find    sets $label, its name for people, and $commands, of which the machine must have one
#   KIND_check   optional: refuses a machine on which a setup would be of no use
#   KIND_settle  makes the machine what $trust says, also where it was set up otherwise before; sets $hint where a person has to
#                do something then. It refuses what it cannot do before it changes anything.
#
# Values: client, registry (host:port), trust (authority: an own CA; public: one that every machine knows; insecure: no TLS;
#         "": it is not to be trusted any more), ca_certificate (PEM, of an own CA; several where intermediate ones belong to
#         it), hub_certificate (the same for a mirror of Docker Hub, "" for others), authorities (of each a line "root" or
#         "intermediate" and its fingerprint), said (to people: what it comes to)

# A directory that was made here holds this file, and goes when nothing else is left in it.
made_here=.made-by-nas-registry

make_directory() {
    as_root test ! -d "$1" || return 0
    make_directory "${1%/*}"
    as_root mkdir "$1" || die "the directory '$1' could not be made; the reason stands above."
    as_root chmod 755 "$1"
    as_root touch "$1/$made_here"
}

# remove_directory PATH: it and its parents, as far as they were made here and nothing is in them.
remove_directory() {
    while as_root test -d "$1" && [ "$(as_root ls -A "$1")" = "$made_here" ]; do
        as_root rm "$1/$made_here"
        as_root rmdir "$1"
        set -- "${1%/*}"
    done
}

# content_of PATH: with a dot at the end, since a shell drops the newlines there; nothing where there is no file.
content_of() {
    as_root test ! -f "$1" || { as_root cat "$1" && echo .; }
}

# own_file PATH TEXT: a file that is wholly ours, with the directories that it needs; untouched when it is so already. Without a
# text there is none.
own_file() {
    if [ -z "$2" ]; then
        as_root rm -f "$1"
        remove_directory "${1%/*}"
    elif [ "$(content_of "$1")" != "$2." ]; then
        make_directory "${1%/*}"
        printf '%s' "$2" | replace "$1" chmod 644
    fi
}

# replace PATH COMMAND...: standard input becomes the file, which the command gives its mode, by way of one with a name that
# nobody can foresee; first what an interrupted setup has left of such goes.
replace() {
    as_root sh -c '
        path=$1
        shift
        rm -f "$path".nas-registry-??????
        new=$(mktemp "$path.nas-registry-XXXXXX") || exit 1
        { "$@" "$new" && cat >"$new" && mv -f "$new" "$path"; } || { rm -f "$new" && false; }' sh "$@"
}

# settle_certificates CERTS_D: the authority's certificate where a Docker Engine looks for it. For a mirror an engine with
# containerd's images, and since 28 BuildKit, looks among those of Docker Hub alone, which count there beside the system's
# (moby's daemon/hosts.go).
settle_certificates() {
    own_file "$1/$registry/nas-registry.crt" "$ca_certificate"
    # Not where such a directory would be new, and hide what somebody has set for all registries.
    as_root test ! -d "$1/_default" || as_root test -d "$1/docker.io" || return 0
    own_file "$1/docker.io/nas-registry-$registry.crt" "$hub_certificate"
}

# edit PATH COMMAND...: somebody's file goes through the command; its mode and owner, and a missing newline at its end, stay.
edit() {
    # A rename must not replace a link.
    edited=$(as_root readlink -f "$1")
    shift
    text=$(as_root cat "$edited" | "$@" && echo .) || die "the file '$edited' could not be changed; the reason stands above."
    text=${text%.}
    [ -z "$(as_root tail -c 1 "$edited")" ] || text=${text%"$newline"}
    [ "$(content_of "$edited")" != "$text." ] || return 0
    printf '%s' "$text" | replace "$edited" cp -p "$edited"
}

# configuration_directory SYSTEM USER: root, also by sudo, sets up the machine, everybody else their own home.
configuration_directory() {
    if [ "$(as_root id -u)" = 0 ]; then
        echo "$1"
    else
        echo "${XDG_CONFIG_HOME:-$HOME/.config}/$2"
    fi
}

is_installed() { command -v "$1" >/dev/null 2>&1; }

untrust() { trust="" ca_certificate="" hub_certificate="" authorities="" said="no longer trusts $registry."; }
