# Any Linux host with Docker Engine (see vendor.sh): Debian, Ubuntu, Raspberry Pi OS, OpenMediaVault, TrueNAS from 24.10, Unraid.
#
# What the appliances do with files, by their own sources: TrueNAS writes the daemon's file whenever it starts Docker
# (middleware's etc_files/docker/daemon.json.py), and an update brings a new /etc and /var; Unraid has its root in memory, what it
# keeps below /mnt and in the image that is mounted at /var/lib/docker (webgui's rc.docker), and directories below /mnt that are
# nobody's (user 99) and open to all.

# Tests have other hosts in a directory.
root=${root:-}

# kind_of_host: truenas, unraid, openmediavault, or linux.
kind_of_host() {
    if [ -f "$root/etc/unraid-version" ]; then
        echo unraid
    elif [ -x "$root/usr/bin/midclt" ]; then
        echo truenas
    elif [ -f "$root/etc/openmediavault/config.xml" ]; then
        echo openmediavault
    else
        echo linux
    fi
}

nas_firmware() {
    case $(kind_of_host) in
    unraid) firmware="Unraid $(sed -n 's/^version="\(.*\)".*/\1/p' "$root/etc/unraid-version")" ;;
    truenas) firmware="TrueNAS $(sed 's/^TrueNAS-SCALE-//; q' "$root/etc/version")" ;;
    openmediavault) firmware="OpenMediaVault on $(os_name)" ;;
    *) firmware=$(os_name) ;;
    esac
}

# The file is made of shell assignments; read in a subshell so that none of them reaches this script.
os_name() (
    . "$root/etc/os-release"
    # shellcheck disable=SC2153
    echo "${PRETTY_NAME:-Linux}"
)

nas_warnings() {
    case $(kind_of_host) in
    truenas)
        echo "TrueNAS writes the Docker daemon's file anew whenever it starts Docker, and an update of TrueNAS replaces /etc: what daemonConfig and daemonTrust have set is lost then, until 'up' runs with another text in the argument reapply."
        ;;
    unraid)
        echo "Unraid has /etc in memory: what daemonConfig and daemonTrust have set is lost at a restart of the NAS, until 'up' runs with another text in the argument reapply."
        ;;
    esac
}

has_systemd() { [ -d "$root/run/systemd/system" ]; }

nas_package() {
    docker=$(command -v docker) ||
        die "Docker Engine is not installed on this NAS: install it (docs.docker.com/engine/install; on TrueNAS choose a pool for Apps, on Unraid enable it in Settings > Docker), and run 'up' again."
    case $(readlink -f "$docker") in
    */snap | /snap/*)
        die "Docker on this NAS is a snap, which cannot mount the directories of a registry: install Docker Engine from a package (docs.docker.com/engine/install), and run 'up' again."
        ;;
    esac
    package=docker
    daemon_config=$(configured_file)
    daemon_config=${daemon_config:-/etc/docker/daemon.json}
}

# What the running daemon was told on its command line; nothing where it reads the usual file.
configured_file() {
    {
        pid=$(cat "$root/var/run/docker.pid") && tr '\000' '\n' <"$root/proc/$pid/cmdline"
    } 2>/dev/null | sed -n -e 's/^--config-file=//p' -e '/^--config-file$/{n;p;}'
}

nas_how_to_start() {
    if [ "$(kind_of_host)" = unraid ]; then
        echo "enable it in Settings > Docker"
    elif has_systemd; then
        echo "start it with 'systemctl start docker'"
    else
        echo "start it with '/etc/init.d/docker start'"
    fi
}

# Where systemd listens for it, the first question starts the engine.
nas_check_running() {
    ! has_systemd || systemctl is-active --quiet docker.service || systemctl is-active --quiet docker.socket ||
        die "Docker Engine is installed but not running on this NAS: $(nas_how_to_start), and run 'up' again."
}

nas_restart_daemon() {
    for script in "$root/etc/rc.d/rc.docker" "$root/etc/init.d/docker"; do
        if ! has_systemd && [ -x "$script" ]; then
            "$script" restart
            return
        fi
    done
    systemctl restart docker
}

nas_dockerd() { command -v dockerd || echo /usr/bin/dockerd; }

mount_table() { cat "$root/proc/mounts"; }

# Some are in memory or cannot be written, some know no owners, and Unraid's shares have no fixed inodes.
nas_keeps() {
    case $(mount_of "$1") in
    "overlay "*" overlayroot "* | rootfs\ * | tmpfs\ * | ramfs\ * | squashfs\ * | iso9660\ *) false ;;
    *) true ;;
    esac
}

nas_volume_of() {
    found=$(mount_of "$1")
    case $found in
    cifs\ * | smb3\ * | vfat\ * | exfat\ * | ntfs\ * | ntfs3\ * | fuse*) return ;;
    esac
    point=${found#* * * }
    case $(kind_of_host):$point in
    truenas:/mnt/* | unraid:/mnt/* | linux:* | openmediavault:*) ! nas_keeps "$1" || echo "$point" ;;
    esac
}

# Where the data goes unless dataDirectory says otherwise; the appliances keep none but on their pools, which have names.
nas_shared_folder() {
    case $(kind_of_host) in
    truenas | unraid) echo /mnt ;;
    *) echo /srv ;;
    esac
}

# There are no lists, so the mode says it, of FOLDER or of what it will be made in. What is sticky only its owners rename.
nas_share_writers() {
    place=$2
    until as_root test -d "$place"; do place=$(dirname "$place"); done
    as_root ls -ld "$place" | while read -r mode _ user group _; do
        [ "$user" = "$(id -un)" ] || echo "$user"
        case $mode in d????????[tT]*) continue ;; esac
        case $mode in d????w*) echo "@$group" ;; esac
        case $mode in d???????w*) echo everybody ;; esac
    done
}

nas_control_directory() {
    case $(kind_of_host) in
    truenas) echo "$data" | sed 's|^\(/mnt/[^/]*\)/.*|\1/.nas-registry|' ;;
    unraid) echo /var/lib/docker/.nas-registry ;;
    *) echo /var/lib/nas-registry ;;
    esac
}

nas_has_daemon_file() { false; }

# Unraid shows it in its web interface, and by the agents that were set there.
nas_notify() {
    unraid_notify=$root/usr/local/emhttp/webGui/scripts/notify
    if [ "$(kind_of_host)" = unraid ] && [ -x "$unraid_notify" ]; then
        importance=alert
        [ "$1" = err ] || importance=warning
        "$unraid_notify" -e "$2" -s "$2" -d "$3" -i "$importance"
    else
        logger -t "$2" -p "user.$1" -- "$3"
    fi
}
