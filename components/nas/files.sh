# shellcheck shell=sh disable=SC2154
# Puts the data directory and the configuration of the registry in place. $1 is apply or revert; revert takes the
# configuration away and never the data.
#
# Values: data_directory, config_directory, owner (uid:gid), config_yml, htpasswd, certificate, private_key, redis_conf

registry_files="config.yml htpasswd certificate.pem private-key.pem"

# New files in a Synology shared folder inherit ACLs that open them to others whatever the mode says.
make_private() {
    if [ -x /usr/syno/bin/synoacltool ]; then
        /usr/syno/bin/synoacltool -del "$1" >/dev/null 2>&1 || true
    fi
    [ "$(id -u)" != 0 ] || chown "$owner" "$1"
    chmod 700 "$1"
}

make_directory() {
    [ ! -d "$1" ] || return 0
    mkdir -p "$1" || die "dataDirectory: '$1' could not be made on this NAS; the reason stands above."
    make_private "$1"
}

# put TEXT PATH: writes only what changed, since the registry reloads users when the file's time changes.
put() {
    # The dot keeps the newlines at the end, which a shell drops.
    if [ -f "$2" ] && [ "$(cat "$2" && echo .)" = "$1." ]; then
        return 0
    fi
    printf '%s' "$1" | write_file "$2" 600 "$owner"
}

apply() {
    make_directory "$data_directory"
    make_directory "$config_directory"
    make_directory "$config_directory/registry"
    put "$certificate" "$config_directory/registry/certificate.pem"
    put "$private_key" "$config_directory/registry/private-key.pem"
    put "$htpasswd" "$config_directory/registry/htpasswd"
    put "$config_yml" "$config_directory/registry/config.yml"
    make_directory "$config_directory/redis"
    put "$redis_conf" "$config_directory/redis/redis.conf"
}

# Only what apply wrote; a directory with anything else in it stays.
revert() {
    for name in $registry_files; do
        rm -f "$config_directory/registry/$name" "$config_directory/registry/$name.new"
    done
    rm -f "$config_directory/redis/redis.conf" "$config_directory/redis/redis.conf.new"
    for directory in "$config_directory/registry" "$config_directory/redis" "$config_directory"; do
        rmdir "$directory" 2>/dev/null || true
    done
}

main() {
    case $1 in
    apply) apply ;;
    revert) revert ;;
    esac
}

main "$1" </dev/null
