# shellcheck shell=sh disable=SC2154
# Checks that nothing on the NAS is in the way, then puts the data directory and the configuration of the registry in place.
# $1 is apply, revert or check; revert takes the configuration away and never the data.
#
# Values: data_directory ("" when images are kept elsewhere), data_directory_change, config_directory, owner (uid:gid),
#         files (paths in the configuration directory, one word each), file_<path> (their contents, _ for / . -),
#         docker, docker_env, container_name, ports (address:port, one word each), owner_label, component

# Everything that any version of the configuration has; what is not in $files is taken away.
known_files="registry/config.yml registry/htpasswd registry/certificate.pem registry/private-key.pem
registry/trusted-certificates.pem registry/token-certificates.pem registry/token-jwks.json
registry/redis-ca.pem registry/redis-certificate.pem registry/redis-private-key.pem
redis/redis.conf"

run_docker() {
    "$docker" "$@"
}

check_container_names() {
    for name in "$container_name" "$container_name-redis"; do
        id=$(run_docker ps --all --quiet --filter "name=^/$name\$")
        [ -z "$id" ] || [ -n "$(run_docker ps --all --quiet --filter "id=$id" --filter "label=nas-registry.owner=$owner_label")" ] ||
            die "containerName: a container named '$name' exists on this NAS that this stack did not create: rename or remove it, or set containerName."
    done
}

# listens ADDRESS PORT: whether something does, there or on all addresses.
listens() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v address="$1" -v port="$(printf ':%04X' "$2")" '
            # The kernel prints an IPv4 address backwards.
            BEGIN { if (split(address, part, ".") == 4) own = sprintf("%02X%02X%02X%02X", part[4], part[3], part[2], part[1]) }
            # State 0A is LISTEN.
            $4 == "0A" && substr($2, length($2) - 4) == port {
                at = substr($2, 1, length($2) - 5)
                if (own == "" || own ~ /^0+$/ || at ~ /^0+$/ || at == own) taken = 1
            }
            END { exit !taken }'
}

# A registry in the NAS's own network publishes nothing; its port is its own all the same.
is_ours() {
    [ -n "$(run_docker ps --quiet --filter "label=nas-registry.owner=$owner_label" --filter "publish=$1")" ] ||
        [ -n "$(run_docker ps --quiet --filter "label=nas-registry.owner=$owner_label" --filter network=host)" ]
}

check_ports() {
    for port in $ports; do
        number=${port##*:}
        ! listens "${port%:*}" "$number" || is_ours "$number" ||
            die "port: $number is already in use on this NAS: set port (metrics.port) to a free one, for instance $((number + 5))."
    done
}

# Distribution 3 answers 500 for such manifests, and its garbage collection stops at them.
check_schema1() {
    cd "$data_directory/docker/registry/v2" 2>/dev/null || return 0
    revisions=$(find repositories -path '*/_manifests/revisions/sha256/*/link')
    old=$(echo "$revisions" | sed -n 's|.*/sha256/\(\(..\)[0-9a-f]*\)/link$|blobs/sha256/\2/\1/data|p' | sort -u |
        xargs grep -lsE '"schemaVersion"[[:space:]]*:[[:space:]]*1[^0-9]' /dev/null || true)
    cd /
    [ -n "$old" ] || return 0
    names=$(for blob in $old; do
        digest=${blob%/data}
        digest=${digest##*/}
        echo "$revisions" | sed -n "s|^repositories/\(.*\)/_manifests/revisions/sha256/$digest/link|\1@sha256:$digest|p"
    done | head -n 5 | tr '\n' ' ')
    die "dataDirectory: '$data_directory' holds images of manifest schema 1, which distribution 3 cannot read: ${names}(at most five are named); pull them with Docker and push them again to the registry that serves them now, or delete them there, and run 'up' again."
}

check_data_directory() {
    current=$(current_data_directory)
    if [ -z "$current" ]; then
        check_schema1
        return
    fi
    [ "$current" != "$data_directory" ] && holds_images "$current" && ! holds_images "$data_directory" || return 0
    case $data_directory_change in
    move) move_images ;;
    leave) ;;
    *) die "dataDirectory: the images are in '$current' and not in '$data_directory': set dataDirectoryChange to move (they are renamed while the registry serves) or to leave (they stay where they are), or copy them yourself and run 'up' again." ;;
    esac
}

holds_images() {
    [ -d "$1/docker/registry/v2" ]
}

# A rename keeps the directory that the running registry writes to, so that nothing is lost between the two names.
move_images() {
    [ ! -e "$data_directory" ] ||
        die "dataDirectoryChange: '$data_directory' exists already: choose a directory that does not."
    parent=${data_directory%/*}
    mkdir -p "$parent"
    # A file system, and on Synology a shared folder, is left by copying only; a hard link tells before anything is moved.
    : >"$current/.nas-registry-move"
    ln "$current/.nas-registry-move" "$parent/.nas-registry-move" 2>/dev/null || linked=no
    rm -f "$current/.nas-registry-move" "$parent/.nas-registry-move"
    [ "${linked:-yes}" = yes ] ||
        die "dataDirectoryChange: '$current' cannot be renamed to '$data_directory', which is another volume or shared folder: set readOnly, copy the images yourself (cp -a), and run 'up' with the new dataDirectory."
    mv "$current" "$data_directory"
}

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

# has_text TEXT PATH: whether the file is exactly that.
has_text() {
    # The dot keeps the newlines at the end, which a shell drops.
    [ -f "$2" ] && [ "$(cat "$2" && echo .)" = "$1." ]
}

# put TEXT PATH: writes only what changed, since the registry reloads users when the file's time changes.
put() {
    has_text "$1" "$2" || printf '%s' "$1" | write_file "$2" 600 "$owner"
}

variable_of() {
    echo "file_$1" | tr '/.-' ___
}

apply() {
    [ -z "$docker_env" ] || export "${docker_env?}"
    check_container_names
    check_ports
    if [ -n "$data_directory" ]; then
        check_data_directory
        make_directory "$data_directory"
    fi
    for directory in "$config_directory" "$config_directory/registry" "$config_directory/redis" "$config_directory/run"; do
        make_directory "$directory"
    done
    for file in $files; do
        eval "content=\$$(variable_of "$file")"
        put "$content" "$config_directory/$file"
    done
    for file in $known_files; do
        is_wanted "$file" || rm -f "$config_directory/$file"
    done
}

is_wanted() {
    case " $files " in
    *" $1 "*) true ;;
    *) false ;;
    esac
}

check() {
    for directory in ${data_directory:+"$data_directory"} "$config_directory" "$config_directory/registry" "$config_directory/redis" "$config_directory/run"; do
        [ -d "$directory" ] || echo "the directory '$directory' is gone"
    done
    for file in $files; do
        eval "content=\$$(variable_of "$file")"
        if [ ! -e "$config_directory/$file" ]; then
            echo "'$config_directory/$file' is gone"
        elif ! has_text "$content" "$config_directory/$file"; then
            echo "'$config_directory/$file' is not what this stack wrote"
        fi
    done
    for file in $known_files; do
        is_wanted "$file" || [ ! -e "$config_directory/$file" ] ||
            echo "'$config_directory/$file' is there, which this stack does not have"
    done
}

# Only what apply wrote; a directory with anything else in it stays.
revert() {
    for file in $known_files; do
        rm -f "$config_directory/$file" "$config_directory/$file.new"
    done
    rm -f "$config_directory/run/redis.sock"
    for directory in "$config_directory/registry" "$config_directory/redis" "$config_directory/run" "$config_directory"; do
        rmdir "$directory" 2>/dev/null || true
    done
}

main() {
    case $1 in
    apply) apply ;;
    revert) revert ;;
    check) check ;;
    esac
}

main "$1" </dev/null
