# shellcheck shell=sh disable=SC2034
# Synology DSM: what probe.sh asks of a vendor. Sourced; sets shell variables, exits through die.

# Every directory above a shared folder is root's alone.
synology_ground() {
    true
}

synology_present() {
    [ -f /etc.defaults/VERSION ] && [ -x /usr/syno/bin/synopkg ]
}

synology_firmware() {
    # The file is made of shell assignments; read in a subshell so that none of them reaches this script.
    firmware=$(
        # shellcheck disable=SC1091
        . /etc.defaults/VERSION
        # shellcheck disable=SC2154
        echo "DSM ${productversion}-${buildnumber}"
    )
}

# Container Manager first: on DSM 7.2 the directory of the older package can remain beside it.
synology_package() {
    if [ -d /var/packages/ContainerManager ]; then
        package=ContainerManager
    elif [ -d /var/packages/Docker ]; then
        package=Docker
    else
        die "Container Manager is not installed on this NAS: install it in Package Center (before DSM 7.2 it is called Docker) and run 'up' again."
    fi
    docker=/usr/local/bin/docker
    [ -x "$docker" ] || docker=/var/packages/$package/target/usr/bin/docker
    daemon_config=/var/packages/$package/etc/dockerd.json
}

# Exit codes of synopkg status: 3 is "stopped" up to DSM 7.1, 17 from 7.2, 150 is "broken".
synology_check_running() {
    status=0
    as_root /usr/syno/bin/synopkg status "$package" >/dev/null 2>&1 || status=$?
    case $status in
    3 | 17 | 150)
        die "the package $package is installed but not running on this NAS (synopkg status $status): start it in Package Center, or with '/usr/syno/bin/synopkg start $package', and run 'up' again."
        ;;
    esac
}

# The unit where there is one: restarting the package also stops containers by DSM's own list and writes the daemon's file
# anew. No unit before DSM 7.
synology_restart_daemon() {
    # shellcheck disable=SC1091
    if (. /etc.defaults/VERSION && [ "${majorversion:-7}" -lt 7 ]); then
        /usr/syno/sbin/synoservicectl --restart "pkgctl-$package"
        return
    fi
    known=0
    systemctl status "pkg-$package-dockerd" >/dev/null 2>&1 || known=$?
    # 4: there is no such unit.
    if [ "$known" = 4 ]; then
        /usr/syno/bin/synopkg restart "$package"
    else
        systemctl restart "pkg-$package-dockerd"
    fi
}

synology_dockerd() {
    echo "/var/packages/$package/target/usr/bin/dockerd"
}

# The package's own. No source says whether Container Manager's daemon reads that or the usual one.
synology_certs_directories() {
    echo "/var/packages/$package/etc/certs.d"
    [ "$package" != ContainerManager ] || echo /etc/docker/certs.d
}

# synology_keeps PATH: whether a file outlives a restart of the NAS.
synology_keeps() {
    true
}

synology_sudoers() {
    echo /etc/sudoers.d/zzzz-nas-registry
}

# synology_shared_folder NAME: prints the folder's real path, nothing when there is no such folder.
synology_shared_folder() {
    as_root /usr/syno/sbin/synoshare --get-real-path "$1" 2>/dev/null | grep '^/volume' && return
    # Older synoshare has no --get-real-path; a shared folder is a directory directly below its volume.
    for candidate in /volume[0-9]*/"$1"; do
        if as_root test -d "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

# synology_share_writers NAME: who may write in that shared folder, one a line, besides administrators. The list of a folder
# with Windows ACL is the second; the first is then empty or not in force.
synology_share_writers() {
    for list in --get --list_acl; do
        as_root /usr/syno/sbin/synoshare "$list" "$1" 2>/dev/null || true
    done | sed -n 's/.*RW [Ll]ist[ .]*\[\(.*\)\].*/\1/p' | tr ',' '\n' | grep -vx -e '' -e admin -e root -e @administrators || true
}

# synology_volume_of PATH: the data volume that it is on; nothing when it is on none.
synology_volume_of() {
    echo "$1" | sed -n 's|^\(/volume[0-9][0-9]*\)/..*|\1|p'
}

# Beside the system's own directories, whose names begin like this.
synology_control_directory() {
    echo "$(synology_volume_of "$1")/@nas-registry"
}
