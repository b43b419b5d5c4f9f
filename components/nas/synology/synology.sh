# Synology DSM (see vendor.sh).

# A file of shell assignments; read in a subshell, so that none of them reaches this script.
nas_firmware() { firmware=$(. /etc.defaults/VERSION && echo "DSM $productversion-$buildnumber"); }

# Container Manager first: on DSM 7.2 the directory of the older package can remain beside it.
nas_package() {
    package=ContainerManager
    [ -d "/var/packages/$package" ] || package=Docker
    [ -d "/var/packages/$package" ] ||
        die "Container Manager is not installed on this NAS: install it in Package Center (before DSM 7.2 it is called Docker) and run 'up' again."
    docker=/usr/local/bin/docker
    [ -x "$docker" ] || docker=/var/packages/$package/target/usr/bin/docker
    daemon_config=/var/packages/$package/etc/dockerd.json
}

# "not_support_ecc", error 5529 of DSM's web API.
nas_check_import() {
    case $firmware in
    "DSM 6."*)
        [ "${imported_key:-rsa}" = rsa ] ||
            die "certificate.privateKey: this NAS has $firmware, which imports certificates with RSA keys alone: give a certificate with an RSA key, or leave certificate out."
        ;;
    esac
}

nas_how_to_start() { echo "start it in Package Center, or with '/usr/syno/bin/synopkg start $package'"; }

# Exit codes of synopkg status: 3 is "stopped" up to DSM 7.1, 17 from 7.2, 150 is "broken".
nas_check_running() {
    status=0
    as_root /usr/syno/bin/synopkg status "$package" >/dev/null 2>&1 || status=$?
    case $status in
    3 | 17 | 150) die "the package $package is installed but not running on this NAS (synopkg status $status): $(nas_how_to_start), and run 'up' again." ;;
    esac
}

# The unit where there is one: restarting the package also stops containers by DSM's own list and writes the daemon's file
# anew. No unit before DSM 7.
nas_restart_daemon() {
    if (. /etc.defaults/VERSION && [ "${majorversion:-7}" -lt 7 ]); then
        /usr/syno/sbin/synoservicectl --restart "pkgctl-$package"
        return
    fi
    known=0
    systemctl status "pkg-$package-dockerd" >/dev/null 2>&1 || known=$?
    case $known in
    # There is no such unit.
    4) /usr/syno/bin/synopkg restart "$package" ;;
    *) systemctl restart "pkg-$package-dockerd" ;;
    esac
}

nas_dockerd() { echo "/var/packages/$package/target/usr/bin/dockerd"; }

# The package's own. No source says whether Container Manager's daemon reads that or the usual one.
nas_certs_directories() {
    echo "/var/packages/$package/etc/certs.d"
    [ "$package" != ContainerManager ] || echo /etc/docker/certs.d
}

nas_sudoers() { echo /etc/sudoers.d/zzzz-nas-registry; }

nas_shared_folder() {
    as_root /usr/syno/sbin/synoshare --get-real-path "$1" 2>/dev/null | grep '^/volume' && return
    # Older synoshare has no --get-real-path; a shared folder is a directory directly below its volume.
    for candidate in /volume[0-9]*/"$1"; do ! as_root test -d "$candidate" || echo "$candidate"; done
}

# The list of a folder with Windows ACL is the second; the first is then empty or not in force.
nas_share_writers() {
    for list in --get --list_acl; do as_root /usr/syno/sbin/synoshare "$list" "$1" 2>/dev/null || true; done |
        sed -n 's/.*RW [Ll]ist[ .]*\[\(.*\)\].*/\1/p'
}

nas_volume_of() { volume_of "$1" '/volume[0-9]+'; }

# External disks are /volumeUSB1, /volumeSATA1, … An encrypted shared folder called "docker" is kept as "@docker@".
nas_unfit() {
    share=$(echo "$1" | sed 's|^\(/[^/]*/[^/]*\)/.*|\1|')
    case $1 in
    /volume[!0-9]*) echo "is on an external disk, and can be unplugged" ;;
    *) said_of_locked "$share" "${share%/*}/@${share##*/}@" ;;
    esac
}

# Beside the system's own directories, whose names begin like this.
nas_control_directory() { echo "$(nas_volume_of "$1")/@nas-registry"; }

# Its log takes any text, 0x11100000 being an entry without one of its own; Log Center shows it, and sends mails by keywords. On the
# desktop DSM 6 shows any text. DSM 7 wants the texts of an installed package there; whether it shows others, no source says.
nas_notify() {
    severity=$1
    [ "$severity" = err ] || severity=warn
    "${root:-}/usr/syno/bin/synodsmnotify" @administrators "$2" "$3" >/dev/null 2>&1 || true
    "${root:-}/usr/syno/bin/synologset1" sys "$severity" 0x11100000 "$2: $3"
}
