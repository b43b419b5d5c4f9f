# QNAP QTS and QuTS hero (see vendor.sh).

# Directly below /share, whatever they are called: CACHEDEV1_DATA, CE_CACHEDEV1_DATA (encrypted), ZFS530_DATA, MD0_DATA. External
# disks, folders of other machines and what NFS shows are mounted deeper. All else there is in the RAM disk that holds the
# root file system, and gone after a restart.
volumes='/share/[A-Za-z0-9_.-]+'
nas_volume_of() { volume_of "$1" "$volumes"; }

# An encrypted shared folder called "images" is kept as ".__eN__images".
nas_unfit() {
    share=$(echo "$1" | sed 's|^\(/share/[^/]*/[^/]*\)/.*|\1|')
    case $1 in
    /share/external/*) echo "is on an external disk, and can be unplugged" ;;
    "$share"/*) said_of_locked "$share" "${share%/*}/.__eN__${share##*/}" ;;
    /share/*) echo "is in no directory of its volume" ;;
    esac
}

# QTS leaves these open to all, runs its packages as root from there (.qpkg), and lets only administrators and shares in.
nas_ground() {
    echo /share
    disks_at "$volumes" | sed 'p; s|$|/.qpkg|'
}

nas_firmware() {
    kind=QTS
    ! grep -qw zfs /proc/filesystems || kind="QuTS hero"
    firmware="$kind $(/sbin/getcfg System Version -f /etc/config/uLinux.conf -d unknown)"
}

# Container Station is not always on the first volume, so its place is asked, never assumed.
nas_package() {
    install=$(/sbin/getcfg container-station Install_Path -f /etc/config/qpkg.conf || true)
    [ -d "$install" ] ||
        die "Container Station is not installed on this NAS: install it in App Center, finish its first-run wizard, and run 'up' again."
    package=container-station
    docker=$install/bin/docker
    daemon_config=$install/etc/docker.json
    # Container Station's wrapper sets HOME to a directory that only administrators can enter; this it respects.
    docker_env="DOCKER_CONFIG=$HOME/.docker"
    export "${docker_env?}"
}

nas_how_to_start() { echo "start it in App Center, or with '/etc/init.d/container-station.sh start'"; }

# Since Container Station 3 a second daemon (system-docker.sock) serves QNAP's own apps; people's containers are here.
nas_check_running() {
    [ -S /var/run/docker.sock ] ||
        die "Container Station is installed but not running on this NAS: $(nas_how_to_start), and run 'up' again."
}

nas_restart_daemon() { /etc/init.d/container-station.sh restart; }
# Behind the wrapper, which needs a home directory.
nas_dockerd() { echo "${daemon_config%/etc/docker.json}/usr/bin/.libs/dockerd"; }
# Container Station links the usual directory to its own, on a data volume.
nas_certs_directories() { echo "$(readlink -f /etc/docker)/certs.d"; }
nas_keeps() { [ -n "$(nas_volume_of "$1")" ]; }
nas_sudoers() { echo /usr/etc/sudoers.d/nas-registry; }
nas_shared_folder() { ! as_root test -d "/share/$1" || as_root readlink -f "/share/$1"; }
nas_share_writers() { as_root /sbin/getcfg "$1" "write list" -f /etc/config/smb.conf 2>/dev/null || true; }

# Beside the packages, whose directory is .qpkg.
nas_control_directory() { echo "$(nas_volume_of "$1")/.nas-registry"; }

# Its event log, of which Notification Center tells by its rules. 1 is a warning, 2 an error.
nas_notify() {
    kind=2
    [ "$1" = err ] || kind=1
    "${root:-}/sbin/log_tool" -t "$kind" -a "$2: $3"
}
