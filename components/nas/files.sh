# Checks that nothing on the NAS is in the way, then puts the data directory, the configuration and the network of the registry in
# place. revert takes the configuration away, with the containers that read it and their network, and never the images.
#
# Values: those of data.sh, and data_directory_change, network (its name; "": the NAS's own), ports (address:port, one word
#         each), files (paths in the control directory, one word each), file_<path> (their contents, _ for / . -), known_files
#         (those of any configuration)

# has_container NAME: asked once for all, since a small NAS takes a third of a second for each question.
has_container() {
    case $newline$names$newline in
    *"$newline$1$newline"*) ;;
    *) return 1 ;;
    esac
}

check_container_names() {
    names=$(run_docker ps --all --format '{{.Names}}')
    for name in "$container_name" "$container_name-redis"; do
        ! has_container "$name" || [ -n "$(our_containers --all --filter "name=^/$name\$")" ] ||
            die "containerName: a container named '$name' exists on this NAS that this stack did not create: rename or remove it, or set containerName."
    done
    has_container "$container_name" || check_helpers_names
}

# A new registry's containers beside it are no other registry's, nor it one of theirs; it has none itself yet.
check_helpers_names() {
    for suffix in redis operation trial; do
        for name in "${container_name%"-$suffix"}" "$container_name-$suffix"; do
            has_container "$name" || continue
            id=$(run_docker ps --all --quiet --filter "name=^/$name\$" --filter label=nas-registry.component)
            [ -z "$id" ] || [ -n "$(our_containers --all --filter "id=$id" --filter "label=nas-registry.component=$component")" ] ||
                die "containerName: '$container_name' and '$name' cannot be two registries of one NAS, since the name with '-$suffix' is for what belongs to the other: set another containerName."
        done
    done
}

# find_network [OPTION...]: of the container's name.
find_network() { run_docker network ls --quiet "$@" --filter "name=^$container_name\$"; }
our_network() { find_network --filter "label=nas-registry.owner=$owner_label"; }

check_network() {
    [ -z "$network" ] || [ -z "$(find_network)" ] || [ -n "$(our_network)" ] ||
        die "containerName: a network named '$network' exists on this NAS that this stack did not create: remove it, or set containerName."
}

put_network() {
    if [ -z "$network" ]; then
        # At the change to the NAS's own the container is still in it, and somebody else's may be.
        remove_network 2>/dev/null || true
    elif [ -z "$(our_network)" ]; then
        run_docker network create --driver bridge --label "nas-registry.owner=$owner_label" \
            --label "nas-registry.component=$component" "$network" >/dev/null ||
            die "the network '$network' could not be made, and the reason stands above."
    fi
}

# The network that none of this stack is in any more.
remove_network() {
    unused=$(our_network)
    [ -z "$unused" ] || [ -n "$(our_containers --all --filter "network=$unused")" ] || run_docker network rm "$unused" >/dev/null
}

# listens ADDRESS PORT: whether something does, there or on all addresses.
listens() {
    cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
        awk -v address="$1" -v port="$(printf ':%04X' "$2")" '
            BEGIN { # The kernel prints an IPv4 address backwards.
                if (split(address, part, ".") == 4) own = sprintf("%02X%02X%02X%02X", part[4], part[3], part[2], part[1])
                listener = (own ~ /[1-9A-F]/ ? "^(0+|" own ")" : "") port "$"
            }
            $4 == "0A" && $2 ~ listener { taken = 1 } # State 0A is LISTEN.
            END { exit !taken }'
}

# A registry in the NAS's own network publishes nothing; its port is its own all the same.
is_ours() { [ -n "$(our_containers --filter "publish=$1" && our_containers --filter network=host)" ]; }

check_ports() {
    for port in $ports; do
        number=${port##*:}
        ! listens "${port%:*}" "$number" || is_ours "$number" ||
            die "port: $number is already in use on this NAS: set port (metrics.port) to a free one, for instance $((number + 5))."
    done
}

# check_data: everything that can be wrong with it, before anything is written. $current is where the images have been so far.
check_data() {
    current=$known_path
    [ -n "$current" ] || [ -n "$lost_data_directory" ] || current=$(current_source /var/lib/registry)
    judge
    moves=
    if [ -z "$current" ]; then
        [ "$data_state" != ours ] || refuse_schema1
    # There may be images in the old one also when it cannot be seen just now.
    elif [ "$current" != "$data_directory" ] && { [ -n "$(recorded newest)" ] || in_directory "$current" holds_images; } &&
        ! in_directory "$data_directory" holds_images; then
        case $data_directory_change in
        move) check_move ;;
        leave) ;;
        *) die "dataDirectory: the images are in '$current' and not in '$data_directory': set dataDirectoryChange to move (they are renamed while the registry serves) or to leave (they stay where they are), or copy them yourself and run 'up' again." ;;
        esac
    fi
    [ -z "$problem" ] || [ -n "$moves" ] || die "dataDirectory: $problem."
}

check_move() {
    [ -n "$known_id" ] ||
        die "dataDirectoryChange: '$current' is not known to be this registry's: rename it yourself, and run 'up' again."
    moves=yes
    # Where the images are on their way from one name to another, and nobody else can put something in the way.
    stopover=${current%/*}/$mark-move-$known_id
    old_name=${current##*/} new_name=${data_directory##*/}
    # An interrupted move goes on.
    [ ! -d "$stopover/$old_name" ] && [ ! -d "$stopover/$new_name" ] || return 0
    [ "$data_state" = absent ] || die "dataDirectoryChange: '$data_directory' exists already: choose a directory that does not."
    in_directory "$current" has_mark "$known_id" ||
        die "dataDirectoryChange: '$current' is not there, or is not the directory that holds the images of this registry: mount or unlock the shared folder or volume that holds it, and run 'up' again."
    # A file system, and on Synology a shared folder, is left by copying only; a hard link tells before anything is moved.
    existing=${data_directory%/*}
    while [ ! -d "$existing" ]; do existing=${existing%/*}; done
    in_directory "$existing" is_writable ||
        die "dataDirectoryChange: '$existing' could not be written: see whether the disk has room and can be written, and run 'up' again."
    in_directory "$current" links_to "$existing" ||
        die "dataDirectoryChange: '$current' cannot be renamed to '$data_directory', which is another volume or shared folder: set readOnly, copy the images yourself (cp -a), and run 'up' with the new dataDirectory."
}

is_writable() {
    name=$mark-link-$(new_id)
    (: >"./$name") 2>/dev/null && rm -f "./$name"
}

# links_to DIRECTORY: whether it is of the same file system as the data directory, in which this runs.
links_to() {
    exec 3<"$1/." && [ "$(readlink /proc/self/fd/3)" = "$1" ] || return 1
    name=$mark-link-$(new_id)
    ln "./$mark" "/proc/self/fd/3/$name" 2>/dev/null && rm -f "/proc/self/fd/3/$name"
}

# A rename keeps the directory that the running registry writes to, so that nothing is lost between the two names. The last
# name may be another user's to replace at any moment, and mv goes into a directory that has it; so every step is one into a
# directory that is held open, where it keeps its name, and the name changes where only root can write.
move_images() {
    to=${data_directory%/*}
    if [ ! -d "$to" ]; then
        make_and_enter "$to"
        chmod 755 .
    fi
    in_directory "${current%/*}" move_through ||
        die "dataDirectoryChange: '$current' could not be renamed to '$data_directory'; the reason stands above."
    known_path=$data_directory
    judge
}

move_through() {
    [ -d "./${stopover##*/}" ] || mkdir "./${stopover##*/}" || return 1
    exec 3<"./${stopover##*/}/." 4<"$to/."
    [ "$(readlink /proc/self/fd/3)" = "$stopover" ] && [ "$(readlink /proc/self/fd/4)" = "$to" ] || return 1
    (cd -P /proc/self/fd/3/. && is_my_own) || return 1
    [ ! -d "./$old_name" ] || mv "./$old_name" /proc/self/fd/3/. || return 1
    cd -P /proc/self/fd/3/. || return 1
    [ ! -d "./$old_name" ] || [ "$old_name" = "$new_name" ] || mv "./$old_name" "./$new_name" || return 1
    mv "./$new_name" /proc/self/fd/4/. || return 1
    cd /
    rmdir "$stopover" 2>/dev/null || true
}

# read_text FILE: sets $text to what it is to hold.
read_text() { eval "text=\$$(echo "file_$1" | tr '/.-' ___)"; }

# What is there of another configuration, such as an earlier one's key.
unwanted_files() {
    for file in $known_files; do
        case " $files " in
        *" $file "*) ;;
        *) [ ! -e "$control_directory/$file" ] || echo "$control_directory/$file" ;;
        esac
    done
}

own_files="$known_files registry/data-mark registry/writes data-record data-claim"

# What a killed script has left.
remove_temporary_files() {
    for file in $own_files; do rm -f "$control_directory/$file".??????; done
}

apply() {
    check_container_names
    check_network
    check_ports
    if [ -n "$data_directory" ]; then
        read_record
        check_data
    fi
    make_control_directory
    remove_temporary_files
    if [ -n "$data_directory" ]; then
        [ -z "$moves" ] || move_images
        put_data_directory
        [ "$data_directory_change" != leave ] || [ -z "$known_id" ] || [ "$known_path" = "$data_directory" ] ||
            in_directory "$known_path" forget_mark "$known_id" || true
    else
        rm -f "$control_directory/registry/data-mark"
    fi
    for file in $files; do
        read_text "$file"
        put "$text" "$control_directory/$file" "$file_mode" "$readable_by"
    done
    unwanted_files | while read -r file; do rm -f "$file"; done
    put_network
}

check() {
    if ! protected "$control_directory"; then
        [ ! -d "$exposed" ] || echo "others than root can change '$exposed', and with it the registry's configuration"
        [ -d "$exposed" ] || echo "the directory '$exposed' is gone"
        return
    fi
    for directory in registry redis run; do
        [ -d "$control_directory/$directory" ] || echo "the directory '$control_directory/$directory' is gone"
    done
    if [ -n "$data_directory" ]; then
        lost_data_directory=
        read_record
        judge
        if [ -n "$problem" ]; then
            echo "$problem"
        elif [ "$data_state" = absent ]; then
            echo "the directory '$data_directory' is gone"
        elif [ -z "$known_id" ]; then
            echo "'$record', by which '$data_directory' is known, is gone"
        fi
    fi
    for file in $files; do
        read_text "$file"
        if [ ! -e "$control_directory/$file" ]; then
            echo "'$control_directory/$file' is gone"
        elif ! has_text "$text" "$control_directory/$file"; then
            echo "'$control_directory/$file' is not what this stack wrote"
        fi
    done
    unwanted_files | while read -r file; do echo "'$file' is there, which this stack does not have"; done
    # An engine that does not answer says nothing of it.
    [ -z "$network" ] || ! there=$(our_network) || [ -n "$there" ] || echo "the network '$network' is gone"
}

# The containers that have this configuration, and their network.
remove_containers() {
    containers=$(our_containers --all --filter "volume=$control_directory/registry" --filter "volume=$control_directory/redis") ||
        die "Docker on this NAS does not answer, and the containers cannot be removed without it: start it, and run 'destroy' again."
    if [ -n "$containers" ]; then
        # shellcheck disable=SC2086
        run_docker stop $containers >/dev/null
        # shellcheck disable=SC2086
        run_docker rm --force --volumes $containers >/dev/null
    fi
    remove_network ||
        die "the network '$container_name' has containers that this stack did not create: take them out of it, and run 'destroy' again."
}

# Only what apply wrote; a directory with anything else in it stays.
revert() {
    protected "$control_directory" || [ ! -e "$control_directory" ] ||
        die "'$exposed' on this NAS can be changed by others, so nothing is deleted below it: run 'chmod go-w $exposed' there, and run 'destroy' again."
    remove_containers
    if [ -n "$data_directory" ]; then
        record_now=$record
        in_directory "$data_directory" forget_mark "$(recorded id)" || true
    fi
    remove_temporary_files
    for file in $own_files run/redis.sock; do rm -f "$control_directory/$file"; done
    rmdir "$control_directory/registry" "$control_directory/redis" "$control_directory/run" \
        "$control_directory" "${control_directory%/*}" 2>/dev/null || true
}

dispatch "$@" </dev/null
