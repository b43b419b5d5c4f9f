# Snapshots of ZFS (see vendor.sh), on a QNAP with QuTS hero and on Linux. Only names that are exactly ours are ever destroyed, one at
# a time, and nothing that depends on them.

# As the kernel has the mount, not as a name looks.
nas_snapshot_source() {
    read -r filesystem _ dataset _ <<END
$(mount_of "$1")
END
    [ "$filesystem" = zfs ] ||
        die "operations.snapshots: '$1' is on $filesystem, and snapshots are made of ZFS alone here: leave snapshots out, and let the NAS make them if it can, as QTS does by its Snapshot Manager for somebody who logs in."
    command -v zfs >/dev/null || die "operations.snapshots: there is no command zfs on this NAS: leave snapshots out."
    dataset=$(echo "$dataset" | sed 's/\\040/ /g')
    snapshot_of="the dataset '$dataset'"
}

nas_snapshots() {
    found=$(zfs list -H -o name -s creation -t snapshot -d 1 "$dataset") || return 1
    printf '%s\n' "$found" | while IFS= read -r each; do
        case $each in
        "$dataset@nas-registry-$container_name-"[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]-[0-9][0-9][0-9][0-9][0-9][0-9])
            printf '%s\n' "${each#"$dataset@"}"
            ;;
        esac
    done
}

nas_snapshot() { zfs snapshot "$dataset@nas-registry-$container_name-$(date -u +%Y%m%d-%H%M%S)"; }
nas_remove_snapshot() { zfs destroy "$dataset@$1"; }
