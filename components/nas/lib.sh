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

# sudo_lines FILE: how an administrator lets the SSH user become root; FILE is where this NAS reads it.
sudo_lines() {
    cat <<END
As an administrator on the NAS run these two lines and 'up' again:
  echo '$(id -un) ALL=(ALL) NOPASSWD: ALL' | sudo tee $1
  sudo chmod 440 $1
END
}

# write_file PATH MODE OWNER: atomically replaces PATH with standard input; OWNER is uid:gid.
write_file() {
    cat >"$1.new"
    chmod "$2" "$1.new"
    # Only root may give a file away, and then only root needs to.
    [ "$(id -u)" != 0 ] || chown "$3" "$1.new"
    mv -f "$1.new" "$1"
}

# began PID: when a process began, in ticks of the kernel's clock; nothing when there is no such process any more.
began() {
    # The name in parentheses may have spaces; a zombie (Z) has ended.
    awk '{ sub(/.*\) /, ""); if ($1 != "Z") print $20 }' "/proc/$1/stat" 2>/dev/null || true
}

# take_lock PATH [SECONDS]: waits until no other script holds it, by default for a minute. A lock is a link that names its
# holder, so that one whose script was killed, or was there before the NAS restarted, is nobody's.
take_lock() {
    remaining=${2:-60}
    absent=0
    until ln -s "$$:$(began $$)" "$1" 2>/dev/null; do
        holder=$(readlink "$1" || true)
        if [ -z "$holder" ]; then
            # Released this moment; or nothing can be written there.
            absent=$((absent + 1))
            [ "$absent" -lt 5 ] ||
                die "the lock $1 on this NAS cannot be made: see whether its directory is writable and the disk has room, and run 'up' again."
        fi
        if [ -n "$holder" ] && [ "$(began "${holder%:*}")" != "${holder#*:}" ]; then
            # Renamed first: of two that want it, one only gets to remove it.
            ! mv "$1" "$1.$$" 2>/dev/null || rm -f "$1.$$"
            continue
        fi
        remaining=$((remaining - 1))
        [ "$remaining" -gt 0 ] ||
            die "the lock $1 on this NAS cannot be taken: let the other update end (process ${holder%:*}), or remove it, and run 'up' again."
        sleep 1
    done
    # shellcheck disable=SC2064
    trap "rm -f '$1'" EXIT
}
