# shellcheck shell=sh disable=SC2154
# Finds out what this NAS is and can do, changes nothing, and prints one "name=value" a line.
#
# Values: vendor, known_vendors, shared_folder ("" asks for no folder), data_directory (may be empty), container_name,
#         owner_label, component
# A vendor's script defines NAME_present, _firmware, _package, _check_running, _sudoers, _shared_folder, _data_volume.

as_root() {
    $sudo "$@"
}

run_docker() {
    $sudo "$docker" "$@"
}

find_vendor() {
    found=
    for candidate in $known_vendors; do
        ! "${candidate}_present" || found=$candidate
    done
    [ -n "$found" ] ||
        die "vendor: '$vendor' was given, but this machine is neither of the NASes known here ($known_vendors): check connection.host."
    [ "$found" = "$vendor" ] ||
        die "vendor: '$vendor' was given, but this NAS is a $found: set vendor to '$found', or check connection.host."
}

# root, or an administrator whose sudo asks for no password, or whoever may open the Docker socket.
find_privilege() {
    sudo=
    privilege=root
    [ "$(id -u)" != 0 ] || return 0
    if sudo -n true 2>/dev/null; then
        sudo="sudo -n"
        privilege=sudo
    else
        privilege=group
    fi
}

ask_engine() {
    engine=$(run_docker version --format '{{.Server.Version}} {{.Server.APIVersion}}' 2>&1)
}

# Another stack may be restarting the engine just now; one that is stopped, or closed to this user, is not waited for.
wait_for_engine() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        ! ask_engine || return 0
        "${vendor}_check_running"
        case $engine in
        *"permission denied"*) return 1 ;;
        esac
        sleep 3
    done
    return 1
}

check_docker() {
    # The engine's own words go into the message: a refused socket and a stopped daemon read alike otherwise.
    if ! wait_for_engine; then
        [ "$privilege" != group ] ||
            die "connection.user: $(id -un) may neither open the Docker socket nor use sudo without a password. $(sudo_lines "$("${vendor}_sudoers")")"
        die "the Docker Engine of $package does not answer ($engine): start the package in the NAS's app center and run 'up' again."
    fi
    engine=$(printf '%s\n' "$engine" | tail -n 1)
}

# engine_can FIELD...: the first spelling that this docker command knows.
engine_can() {
    for field in "$@"; do
        if run_docker info --format "{{.$field}}" 2>/dev/null; then
            return
        fi
    done
    echo false
}

find_shared_folder() {
    folder=$("${vendor}_shared_folder" "$shared_folder" | head -n 1)
    [ -n "$folder" ] ||
        die "sharedFolder: there is no shared folder '$shared_folder' on this NAS: create it in the Control Panel, or set sharedFolder to one that exists."
}

# resolve PATH: follows the links of what exists of it, keeps the rest.
resolve() {
    existing=$1
    rest=
    while ! as_root test -e "$existing"; do
        rest=/${existing##*/}$rest
        existing=${existing%/*}
        [ -n "$existing" ] || existing=/
    done
    echo "$(as_root readlink -f "$existing")$rest"
}

# Registry, configuration and Redis run as whoever owns the data, so that neither needs a capability.
find_data_directory() {
    data=$(resolve "${data_directory:-$folder/$container_name-data}")
    "${vendor}_data_volume" "$data" ||
        die "dataDirectory: '${data_directory:-$data}' is '$data' on this NAS, which is not on a data volume: choose a path inside a shared folder."
    # What an earlier registry wrote says more than the directory around it, which a person may have made. A directory that
    # is still to be made gets the owner of the one that is in use.
    for existing in "$(current_data_directory)" "$data" "$data/docker/registry/v2"; do
        [ -z "$existing" ] || ! as_root test -d "$existing" || owner=$(as_root ls -ldn "$existing" | awk '{ print $3 ":" $4; exit }')
    done
    [ "$privilege" != group ] || [ "${owner%:*}" = "$(id -u)" ] ||
        die "dataDirectory: '$data' belongs to user $owner, and $(id -un) (user $(id -u)) can give no file away: let connection.user be root or an administrator with sudo, or run 'chown -R $(id -u):$(id -g) $data' on the NAS."
}

# Not every NAS has getconf.
page_size() {
    getconf PAGE_SIZE 2>/dev/null || awk '/^KernelPageSize:/ { print $2 * 1024; exit }' /proc/self/smaps
}

main() {
    find_vendor
    docker_env=
    find_privilege
    "${vendor}_firmware"
    "${vendor}_package"
    check_docker
    folder=
    data=
    owner=$(id -u):$(id -g)
    if [ -n "$shared_folder" ]; then
        find_shared_folder
        find_data_directory
    fi
    cat <<END
firmware=$firmware
package=$package
docker=$docker
dockerEnv=$docker_env
daemonConfig=$daemon_config
privilege=$privilege
engineVersion=${engine% *}
apiVersion=${engine#* }
cpuQuota=$(engine_can CPUCfsQuota CpuCfsQuota)
memoryLimit=$(engine_can MemoryLimit)
swapLimit=$(engine_can SwapLimit)
pageSize=$(page_size)
sharedFolder=$folder
dataDirectory=$data
owner=$owner
END
}

main </dev/null
