# Snapshots of DSM's shared folders (see ../vendor.sh). Its command makes and removes them; what each was made for its web API says.
# One that a person has locked, or described anew, is not ours any more.

synowebapi=${synowebapi:-/usr/syno/bin/synowebapi}
synosharesnapshot=${synosharesnapshot:-/usr/syno/sbin/synosharesnapshot}

nas_snapshot_source() {
    volume=$(nas_volume_of "$1")
    share=${1#"$volume"/}
    share=${share%%/*}
    { [ -n "$volume" ] && [ "$(nas_shared_folder "$share" | head -n 1)" = "$volume/$share" ]; } ||
        die "operations.snapshots: '$1' is in no shared folder, of which alone DSM makes snapshots: leave snapshots out, or move the data to one."
    case $(mount_of "$volume/") in
    btrfs\ *) ;;
    *) die "operations.snapshots: '$volume' is no volume with Btrfs, on which alone DSM makes snapshots: leave snapshots out, and set operations.backup." ;;
    esac
    snapshot_of="the shared folder '$share'"
}

# Names such as GMT+01-2026.11.28-18.00.02, in local time.
nas_snapshots() {
    export mark="nas-registry-$container_name"
    dsm SYNO.Core.Share.Snapshot/2 list "name=$(json "$share")" 'filter={"attr":[]}' 'additional=["desc","lock","worm_lock"]' offset=0 limit=-1 || {
        echo "DSM did not answer: $(explain)" >&2
        return 1
    }
    # Otherwise there would be more of them each time.
    holds "$answer" '[.data.snapshots[] | has("desc") and has("time") and (.lock | type) == "boolean"] | all' || {
        echo "DSM does not say what its snapshots were made for" >&2
        return 1
    }
    pick "$answer" '[.data.snapshots[] | select(.desc == env.mark and .lock == false and .worm_lock != true) | .time] | sort_by(.[-19:]) | .[]' |
        grep -x 'GMT[+-][0-9]*-[0-9.]*-[0-9.]*' || true
}

# Unless told otherwise it locks what it makes.
nas_snapshot() { "$synosharesnapshot" create "$share" "desc=nas-registry-$container_name" lock=false; }
nas_remove_snapshot() { "$synosharesnapshot" delete "$share" "$1"; }
