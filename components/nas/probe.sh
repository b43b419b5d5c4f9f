# Finds out what this NAS is and can do, changes nothing, and prints one "name=value" a line.
#
# Values: vendor, known_vendors (of each a line, its name and signs), container_name ("" asks for no directories), shared_folder
#         ("" where the vendor has none), data_directory (may be empty), run_as_user (user and group), run_as_given ("": default),
#         imported_key (kind of the key that a certificate for the NAS's own web server has, or "")

# A vendor is told by paths that only its NASes have; one that lists none is every other machine's, and comes last.
find_vendor() {
    found=$(echo "$known_vendors" | while read -r candidate signs; do
        for sign in $signs; do [ -e "$sign" ] || continue 2; done
        echo "$candidate"
    done | head -n 1)
    [ -n "$found" ] ||
        die "vendor: '$vendor' was given, but this machine is none of the NASes known here ($(echo "$known_vendors" | sed 's/ .*//; H; $!d; x; s/\n/ /g; s/ //')): check connection.host."
    [ "$found" = "$vendor" ] ||
        die "vendor: '$vendor' was given, but this NAS is a $found: set vendor to '$found', or check connection.host."
}

# root, or an administrator whose sudo asks for no password, or whoever may open the Docker socket.
find_privilege() {
    sudo="" privilege=root
    [ "$me" != 0 ] || return 0
    privilege=group
    sudo -n true 2>/dev/null || return 0
    # What follows is done as root, so what this user can change is not safe.
    sudo="sudo -n" privilege=sudo trusted=0 floor=/
}

# ask_engine: sets $engine to its version and API, and $abilities to all that it says of itself, so that one that goes away between
# two questions is not taken for one that can nothing. Without an answer from it, $engine is what the command says.
ask_engine() {
    engine=$(run_docker version --format '{{.Server.Version}} {{.Server.APIVersion}}' 2>&1) || return 1
    abilities=$(run_docker info --format '{{json .}}' 2>&1) || {
        engine=$abilities
        return 1
    }
    # The command of 23.0 to 28.0 has an answer when there is no engine, too.
    case $abilities in *'"ServerVersion":"'[!\"]*) ;; *) engine="it has gone away" && return 1 ;; esac
}

# Another stack may be restarting the engine just now; one that is stopped, or closed to this user, is not waited for.
find_engine() {
    remaining=20
    # The engine's own words go into the message: a refused socket and a stopped daemon read alike otherwise.
    until ask_engine; do
        nas_check_running
        # Since 27 the command warns of a login that this user may not read.
        case $(echo "$engine" | sed '/^WARNING: /d') in
        *"permission denied"*)
            [ "$privilege" != group ] ||
                die "connection.user: $(id -un) may neither open the Docker socket nor use sudo without a password. $(sudo_lines "$(nas_sudoers)")"
            remaining=1
            ;;
        esac
        [ $((remaining -= 1)) -gt 0 ] ||
            die "the Docker Engine of $package does not answer ($engine): $(nas_how_to_start), and run 'up' again."
        sleep 3
    done
    engine=$(echo "$engine" | tail -n 1)
}

# engine_can KEY: as the API has it; an older engine has not all.
engine_can() { case $abilities in *"\"$1\":true"*) echo true ;; *) echo false ;; esac }

# By 'docker update', which can do it since Docker 19.03.
can_limit_processes() {
    if run_docker update --help 2>/dev/null | grep -q -e --pids-limit; then engine_can PidsLimit; else echo false; fi
}

share_writers() {
    nas_share_writers "$shared_folder" "$folder" | tr ',' '\n' | tr -d '"' | sed 's/^ *//; s/ *$//' |
        grep -vx -e '' -e admin -e root -e @root -e @administrators | sort -u
}

# resolve PATH: sets $resolved to where it leads. A link is followed where nobody but root could have made it: one in a
# shared folder leads wherever somebody with rights there wants.
resolve() {
    resolved=
    rest=${1#/}
    while [ -n "$rest" ]; do
        name=${rest%%/*}
        rest=${rest#"$name"}
        rest=${rest#/}
        if ! as_root test -h "$resolved/$name"; then
            resolved=$resolved/$name
        elif protected "$resolved"; then
            resolved=$(as_root readlink -f "$resolved/$name")
        else
            die "dataDirectory: '$1' has the link '$resolved/$name' in it, which others can change: set dataDirectory to the path where it leads to, '$(as_root readlink -f "$resolved/$name")', if you mean that."
        fi
    done
}

# must_hold_images ARGUMENT GIVEN PATH: refuses a path where no images can be, with the reason.
must_hold_images() {
    unfit=$(nas_unfit "$3")
    read -r filesystem options _ point <<END
$(mount_of "$3")
END
    if [ -z "$unfit" ] && [ -z "$(nas_volume_of "$3")" ]; then
        unfit="is on no data volume: the file system there is '$filesystem', mounted at '$point'"
    fi
    case ,$options, in
    *,ro,*) unfit=${unfit:-is on a volume that is mounted read-only} ;;
    esac
    [ -z "$unfit" ] ||
        die "$1: '$2' is '$3' on this NAS, which $unfit. Mount or unlock its volume or shared folder, or choose a path inside another shared folder or directory of a data volume, and run 'up' again."
}

find_data_directory() {
    folder=$(nas_shared_folder "$shared_folder" | head -n 1)
    default=$folder/$container_name-data
    if [ -n "$shared_folder" ]; then
        { [ -n "$folder" ] && as_root test -d "$folder"; } ||
            die "sharedFolder: there is no shared folder '$shared_folder' on this NAS: create it in the Control Panel, mount or unlock it, or set sharedFolder to one that exists."
        # The configuration goes to its volume wherever the data is.
        must_hold_images sharedFolder "$shared_folder" "$default"
    fi
    resolve "${data_directory:-$default}"
    data=$resolved
    must_hold_images dataDirectory "${data_directory:-$data}" "$data"
    [ -n "$shared_folder" ] || folder=${data%/*}
}

# The containers run as a user of their own, who is nobody else's on this NAS; without root only as the SSH user. The
# configuration does not go into a shared folder, whose users could put another one in its place.
find_owner() {
    if [ "$privilege" = group ]; then
        owner=$me:$(id -g)
        [ -z "$run_as_given" ] || [ "$run_as_user" = "$me" ] ||
            die "runAsUser: $run_as_user is not allowed, since $(id -un) can give no file away: leave it out, and the containers run as user $me, or let connection.user be root or an administrator with sudo."
        control=$(cd -P "$HOME" && pwd -P)/.nas-registry
    else
        owner=$run_as_user:$run_as_user
        [ -n "$run_as_given" ] || ! grep -q "^[^:]*:[^:]*:$run_as_user:" /etc/passwd ||
            die "runAsUser: $run_as_user, as which the containers run, is a user of this NAS: set runAsUser to a number that nobody has."
        control=$(nas_control_directory "$folder")
    fi
    must_be_protected "${control%/*}"
    control=$control/$container_name
}

# Not every NAS has getconf.
page_size() { getconf PAGE_SIZE 2>/dev/null || awk '/^KernelPageSize:/ { print $2 * 1024; exit }' /proc/self/smaps; }

apply() {
    find_vendor
    docker_env=
    find_privilege
    vendor_ground=$(nas_ground | tr '\n' ' ')
    nas_firmware
    nas_check_import
    nas_package
    find_engine
    folder="" data="" control="" owner=""
    if [ -n "$container_name" ]; then
        find_data_directory
        find_owner
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
cpuQuota=$(engine_can CpuCfsQuota)
memoryLimit=$(engine_can MemoryLimit)
swapLimit=$(engine_can SwapLimit)
pageSize=$(page_size)
pidsLimit=$(can_limit_processes)
sharedFolder=$folder
shareWriters=$([ -z "$folder" ] || share_writers | tr '\n' ' ')
dataDirectory=$data
controlDirectory=$control
vendorGround=$vendor_ground
owner=$owner
warnings=$(nas_warnings | tr '\n' ' ')
END
}

# The same: what is not as it was is for whoever has the earlier answer to say.
check() {
    find_only
    apply
}

dispatch "$@" </dev/null
