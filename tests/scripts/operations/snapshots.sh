# shellcheck shell=sh disable=SC2154,SC2034
# What makes snapshots on a NAS, as far as a registry's program needs it, with its words in $state/calls. Each snapshot is a line of
# $state/snapshots: for ZFS DATASET@NAME, for DSM JSON.
#
# Values: state, mounts (lines as in /proc/mounts)

mount_table() { echo "$mounts"; }

called() { printf '%s\n' "$*" >>"$state/calls"; }

# fails_at VERB: whether that is to fail; it never ends where "hang" is written.
fails_at() {
    case $(cat "$state/fault" 2>/dev/null) in
    "$1") echo "cannot $1: out of space" >&2 ;;
    "hang $1") sleep 100 ;;
    *) return 1 ;;
    esac
}

# A disk that is full after half a name.
[ -z "${short:-}" ] || nas_snapshots() {
    printf nas-registry-registry-2026
    exec >/dev/full
}

zfs() {
    called zfs "$@"
    ! fails_at "$1" || return 1
    case "$*" in
    # As with -d 1, of the dataset and not of those in it; others are there to see what comes of an older command that lists all.
    "list -H -o name -s creation -t snapshot -d 1 $expected") sort "$state/snapshots" ;;
    "snapshot "*) fails_at nothing 2>/dev/null || echo "$2" >>"$state/snapshots" ;;
    "destroy "*)
        grep -qxF -e "$2" "$state/snapshots" || return 1
        grep -vxF -e "$2" "$state/snapshots" >"$state/left" || true
        mv "$state/left" "$state/snapshots"
        ;;
    *) echo "bad words: $*" >&2 && return 2 ;;
    esac
}

# DSM's commands are programs; these are what they run.
as_root() {
    case $1 in
    /usr/syno/sbin/synoshare) [ "$2 $3" != "--get-real-path docker" ] || echo /volume1/docker ;;
    *) "$@" ;;
    esac
}

synowebapi=dsm_web_api
dsm_web_api() {
    ! fails_at list || { echo '{"success":false,"error":{"code":105}}' && return 0; }
    case "$*" in
    *"api=SYNO.Core.Share.Snapshot method=list version=2 name=\"docker\""*)
        echo "[Line 264] Exec WebAPI: api=SYNO.Core.Share.Snapshot"
        jq -s '{ success: true, data: { snapshots: . } }' "$state/snapshots"
        ;;
    *) echo '{"success":false,"error":{"code":103}}' ;;
    esac
}

synosharesnapshot=dsm_snapshot
dsm_snapshot() {
    called synosharesnapshot "$@"
    ! fails_at "$1" || return 1
    [ "$2" = docker ] || return 1
    case $1 in
    create)
        lock=true desc=''
        case $4 in lock=*) lock=${4#lock=} ;; esac
        case $3 in desc=*) desc=${3#desc=} ;; esac
        jq -nc --arg desc "$desc" --arg time "GMT+01-$(date +%Y.%m.%d-%H.%M.%S)" --argjson lock "$lock" \
            '{ desc: $desc, lock: $lock, time: $time }' >>"$state/snapshots"
        ;;
    delete)
        jq -c --arg time "$3" 'select(.time != $time)' "$state/snapshots" >"$state/left"
        mv "$state/left" "$state/snapshots"
        ;;
    esac
}
