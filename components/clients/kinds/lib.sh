# shellcheck shell=sh disable=SC2154
# Shared by the scripts that make a machine trust the registry and that take this back.
#
# Values: client, registry (host:port), trust (authority: an own CA; public: one that every machine knows; insecure: no TLS),
#         ca_certificate (PEM, of an own CA; several where intermediate ones belong to it), authorities (of each of them a line
#         "root" or "intermediate" and its fingerprint), shown (the same for people)

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

# put_certificate PATH: where the registry has an authority of its own.
put_certificate() {
    if [ "$trust" = authority ]; then
        put "$ca_certificate" "$1"
    else
        remove "$1"
    fi
}

# put TEXT PATH: a file that is wholly ours; untouched when it is so already.
put() {
    [ "$(content_of "$2")" != "$1." ] || return 0
    make_directory "${2%/*}"
    # shellcheck disable=SC2016
    printf '%s' "$1" | as_root sh -c 'cat >"$1.new" && chmod 644 "$1.new" && mv -f "$1.new" "$1"' sh "$2"
}

# remove PATH: a file that is wholly ours, and the directories that were made for it.
remove() {
    as_root rm -f "$1" "$1.new"
    remove_directory "${1%/*}"
}

# edit PATH COMMAND...: somebody's file goes through the command; its mode and owner, and a missing newline at its end, stay.
edit() {
    edited=$1
    shift
    # A rename must not replace a link.
    edited=$(as_root readlink -f "$edited")
    text=$(as_root cat "$edited" | "$@" && echo .) || die "the file '$edited' could not be changed; the reason stands above."
    text=${text%.}
    [ -z "$(as_root tail -c 1 "$edited")" ] || text=${text%"$newline"}
    # shellcheck disable=SC2016
    printf '%s' "$text" | as_root sh -c '
        cp -p "$1" "$1.nas-registry" && cat >"$1.nas-registry" && mv -f "$1.nas-registry" "$1"' sh "$edited"
}

# configuration_directory SYSTEM USER: root sets up the machine, everybody else their own home.
configuration_directory() {
    if [ "$(id -u)" = 0 ]; then
        echo "$1"
    else
        echo "${XDG_CONFIG_HOME:-$HOME/.config}/$2"
    fi
}

is_installed() {
    command -v "$1" >/dev/null 2>&1
}

# trusted WHO: the last words of a setup.
trusted() {
    case $trust in
    authority) echo "$1 now trusts $registry, whose $shown." ;;
    insecure) echo "$1 now uses $registry WITHOUT TLS: whoever is on the way can read and change what is pulled and pushed." ;;
    public) echo "$1 needs nothing: the certificate of $registry is from an authority that every machine knows." ;;
    esac
}
