#!/bin/sh
# Docker as far as the program of a registry's operations needs it. A container is a chroot in namespaces of its own, with the mounts that
# it is given, its user, and this machine's programs; it goes on when whoever started it is killed. What is known of the registry's own
# container is in files beside this one.
state=${0%/*}
net=--net host=

# in_root USER MOUNTS COMMAND...: MOUNTS are lines `source target rw|ro`, or `tmpfs target`.
# shellcheck disable=SC2016
in_root() {
    user=$1 mounts=$2
    shift 2
    programs=${programs:-$state/bin}
    export user mounts state programs net host
    # shellcheck disable=SC2086
    unshare --mount --pid --uts --fork $net --kill-child sh -euc '
        umask 022
        root=$state/root
        mkdir -p "$root"
        mount -t tmpfs -o mode=755 none "$root"
        for name in usr bin sbin lib lib64 dev proc; do
            [ -e "/$name" ] || continue
            if [ -h "/$name" ]; then cp -a "/$name" "$root/$name"; else mkdir "$root/$name" && mount --rbind "/$name" "$root/$name"; fi
        done
        mount -t proc proc "$root/proc"
        [ -z "$host" ] || hostname "$host"
        [ -z "$net" ] || ip link set lo up 2>/dev/null || ifconfig lo up 2>/dev/null || true
        mkdir "$root/etc"
        mount --bind "$programs" "$root/usr/local/bin"
        echo "$mounts" | while read -r source target access; do
            [ -n "$source" ] || continue
            [ "$source" != tmpfs ] || { mkdir -p "$root$target" && mount -t tmpfs -o mode=1777 none "$root$target" && continue; }
            [ -e "$source" ] || { echo "docker: invalid mount config: bind source path does not exist: $source" >&2; exit 125; }
            if [ -d "$source" ]; then mkdir -p "$root$target"; else : >"$root$target"; fi
            mount --bind "$source" "$root$target"
            [ "$access" != ro ] || mount -o remount,bind,ro "$root$target"
        done
        exec chroot --userspec="$user" --groups= "$root" /usr/bin/env -i PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
    ' sh "$@"
}

registry_mounts() { printf '%s /var/lib/registry rw\n%s /etc/distribution ro\n' "$(cat "$state/data")" "$(cat "$state/control")/registry"; }

echo "$*" >>"$state/calls"
case "$*" in *s3cret*) echo "a secret is on a command line" >&2 && exit 9 ;; esac
if [ -e "$state/kill-at" ]; then
    left=$(($(cat "$state/kill-at") - 1))
    echo "$left" >"$state/kill-at"
    if [ "$left" = 0 ]; then
        rm "$state/kill-at"
        # Before or after what was asked for.
        kill -9 $PPID
    fi
fi
case "$*" in
# Of an empty one the engine may lose the end.
*" --interactive "*) [ -p /proc/self/fd/0 ] || [ -s /proc/self/fd/0 ] || exit 125 ;;
*) exec </dev/null ;;
esac
case $1 in
run)
    shift
    mounts='' user=0:0 entrypoint=
    while :; do
        case $1 in
        --rm | --interactive | --read-only) shift && continue ;;
        --network) [ "$2" = none ] || net= ;;
        --user) user=$2 ;;
        --hostname) host=$2 ;;
        --entrypoint) entrypoint=$2 ;;
        --tmpfs) mounts="$mounts
tmpfs ${2%%:*}" ;;
        --mount)
            source=$(echo "$2" | sed 's/.*source=\([^,]*\).*/\1/') target=$(echo "$2" | sed 's/.*target=\([^,]*\).*/\1/')
            case $2 in *,readonly) access=ro ;; *) access=rw ;; esac
            mounts="$mounts
$source $target $access" ;;
        --*=*) shift && continue ;;
        --*) ;;
        *) break ;;
        esac
        shift 2
    done
    shift
    # shellcheck disable=SC2086
    (in_root "$user" "$mounts" $entrypoint "$@") &
    echo $! >"$state/tool"
    wait $!
    code=$?
    rm -f "$state/tool"
    exit $code
    ;;
exec)
    case "$*" in
    *" kill -HUP 1") ;;
    *" ps -o args")
        case $(cat "$(cat "$state/control")/registry/writes") in
        blocked*) echo "registry serve /etc/distribution/read-only.yml" ;;
        *) echo "registry serve /etc/distribution/config.yml" ;;
        esac ;;
    *)
        while shift && case $1 in -*) ;; *) false ;; esac do :; done
        shift
        in_root "$(cat "$state/owner")" "$(registry_mounts)" "$@" ;;
    esac ;;
ps) case "$*" in
    *-operation*) [ ! -e "$state/tool" ] || cat "$state/tool" ;;
    *) echo 1234 ;;
    esac ;;
rm)
    pkill -9 -P "$(cat "$state/tool")" 2>/dev/null
    rm -f "$state/tool"
    ;;
inspect) case "$*" in
    *Running*) cat "$state/running" ;;
    *Health*) cat "$state/health" ;;
    *Image*) echo registry:3.1.2 ;;
    esac ;;
stop) echo false >"$state/running" ;;
start)
    echo true >"$state/running"
    # It ends at once, and start.sh with it.
    programs=$state/stub in_root "$(cat "$state/owner")" "$(registry_mounts)" sh /etc/distribution/start.sh >>"$state/log" 2>&1
    true
    ;;
esac
