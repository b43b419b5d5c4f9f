# shellcheck shell=sh
# Shared by every remote script; POSIX sh, runs under dash, bash and busybox ash.
set -eu
umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

# One sentence that says what to do; it becomes the text of Pulumi's error.
die() {
    echo "nas-registry: $*" >&2
    exit 1
}

# write_file PATH MODE OWNER: atomically replaces PATH with standard input; OWNER is uid:gid.
write_file() {
    cat >"$1.new"
    chmod "$2" "$1.new"
    # Only root may give a file away, and then only root needs to.
    [ "$(id -u)" != 0 ] || chown "$3" "$1.new"
    mv -f "$1.new" "$1"
}

# take_lock DIRECTORY: waits until no other script holds it; a lock older than a minute was left by one that was killed.
take_lock() {
    tries=0
    until mkdir "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 60 ] || rmdir "$1" 2>/dev/null ||
            die "the lock $1 on this NAS cannot be taken: remove it when no other update runs, and run 'up' again."
        sleep 1
    done
    # shellcheck disable=SC2064
    trap "rmdir '$1'" EXIT
}
