# Shared by every script for a NAS. Values:
#   docker (absolute path), docker_env ("NAME=value" that docker needs, or ""), vendor_ground (see protected), sudo ("sudo -n"
#   before what needs root, "" where the script has root's rights or nobody has)
umask 077
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
me=$(id -u 2>/dev/null)
[ -z "${docker_env:-}" ] || export "${docker_env?}"

run_docker() { as_root "$docker" "$@"; }

# The only way to touch files. Two kinds of place are told apart:
# - A directory that is `protected`: it and all above it are real, and only root (or this user, who is not root) can change
#   them. There a path means what it says, and own_directory and write_file work there and nowhere else.
# - A directory in a shared folder, which others can rename and replace at any moment. There nothing is done by its path: a
#   script goes in with `enter`, and names from then on only what is in its working directory.

# described PATH: of PATH itself and no link's target, in words: inode, mode, links, user, group; nothing where nothing is.
described() { ls -ldin -- "$1" 2>/dev/null || true; }
inode_of() { described "$1" | awk 'NR == 1 { print $1 }'; }
mode_of() { described "$1" | awk 'NR == 1 { print $2 }'; }
links_of() { described "$1" | awk 'NR == 1 { print $3 }'; }
user_of() { described "$1" | awk 'NR == 1 { print $4 }'; }
owner_of() { described "$1" | awk 'NR == 1 { owner = $4; group = $5 } END { print owner ":" group }'; }

# What is above the home of a user decides who that user is, so without root nothing above it is looked at.
floor=/
[ "$me" = 0 ] || floor=$(cd -P "$HOME" 2>/dev/null && pwd -P) || floor=/

# protected DIRECTORY: whether nobody but root and $trusted (by default this user) can change it or a directory above it;
# otherwise $exposed names the one that is not so. What is in $vendor_ground may be open to others: the vendor itself runs
# programs as root from there. What nobody else can change stays so while a script runs, and is looked at once.
protected_so_far=:
protected() {
    exposed=${1:-/}
    case $protected_so_far in
    *":$exposed:"*) return 0 ;;
    esac
    # shellcheck disable=SC2046
    set -- "$exposed" $(described "$exposed")
    [ "${5:-}" = 0 ] || [ "${5:-}" = "${trusted:-$me}" ] || return 1
    case "$3:$6: ${vendor_ground:-} " in
    # For its owner to write, and for group 0 at most: the administrators on a NAS, and root elsewhere.
    d????-??-* | d????w??-?:0:* | d????w??-??:0:*) ;;
    # Sticky: nobody can rename there what is root's.
    d????????[tT]* | d*" $1 "*) ;;
    *) return 1 ;;
    esac
    [ "$1" = "$floor" ] || [ "$1" = / ] || protected "${1%/*}" || return 1
    protected_so_far=$protected_so_far$1:
}

must_be_protected() {
    protected "$1" ||
        die "'$exposed' on this NAS is not a directory that only root can change, so nothing is put below it: run 'chown root $exposed' and 'chmod go-w $exposed' there, or move away what is in its place, and run 'up' again."
}

# without_acl PATH: what is new in a shared folder of Synology's inherits lists that open it to others whatever its mode says.
without_acl() { [ ! -x /usr/syno/bin/synoacltool ] || /usr/syno/bin/synoacltool -del "$1" >/dev/null 2>&1 || true; }

# own_directory PATH MODE UID:GID: in a protected one. Another script may make it at the same moment, or remove it while empty.
own_directory() {
    must_be_protected "${1%/*}"
    for _ in 1 2 3 4 5 6 7 8 9 10; do ! settle_directory "$@" 2>/dev/null || return 0; done
    [ ! -e "$1" ] || [ -d "$1" ] || die "'$1' on this NAS is not a directory: move it away and run 'up' again."
    settle_directory "$@" || die "'$1' could not be made on this NAS; the reason stands above."
}

settle_directory() {
    [ -d "$1" ] || { mkdir "$1" && without_acl "$1"; }
    [ -d "$1" ] && [ ! -h "$1" ] && give "$1" "$3" && chmod "$2" "$1"
}

# give PATH OWNER: only root may give something away, and then only root needs to.
give() { [ "$me" != 0 ] || [ "$(owner_of "$1")" = "$2" ] || chown "$2" "$1"; }

# write_file PATH MODE OWNER [LIKE]: standard input atomically becomes PATH, in a protected directory, and as old as LIKE.
write_file() {
    must_be_protected "${1%/*}"
    [ ! -d "$1" ] || [ -h "$1" ] || die "'$1' on this NAS is a directory and should be a file: move it away and run 'up' again."
    write_anew "$@"
}

write_anew() {
    temporary=$(mktemp "$1.XXXXXX") || could_not_write "$1"
    if ! cat >"$temporary" || ! chmod "$2" "$temporary" || ! give "$temporary" "$3" ||
        ! { [ -z "${4:-}" ] || touch -r "$4" "$temporary"; } || ! { [ ! -h "$1" ] || rm -f "$1"; } ||
        ! mv -f "$temporary" "$1"; then
        rm -f "$temporary"
        could_not_write "$1"
    fi
}

could_not_write() {
    case $1 in ./*) set -- "$(pwd -P)/${1#./}" ;; esac
    die "'$1' could not be written on this NAS: see whether the disk has room and can be written, and run 'up' again."
}

# replace_file PATH: standard input becomes the content of somebody's file, its mode and owner kept.
replace_file() {
    temporary=$(mktemp "$1.XXXXXX") || return 1
    if ! cp -p "$1" "$temporary" || ! cat >"$temporary" || ! mv -f "$temporary" "$1"; then
        rm -f "$temporary"
        return 1
    fi
}

# has_text TEXT PATH: whether it is a file, since what is none could keep its reader waiting, and exactly that: the dot keeps the
# newlines at the end, which a shell drops.
has_text() { [ -f "$2" ] && [ ! -h "$2" ] && [ "$(cat "$2" && echo .)" = "$1." ]; }

# put TEXT PATH MODE OWNER: writes only what changed, since its readers look at the file's time.
put() {
    if has_text "$1" "$2"; then
        give "$2" "$4"
        chmod "$3" "$2"
    else
        printf '%s' "$1" | write_file "$2" "$3" "$4"
    fi
}

# enter DIRECTORY: goes there, unless a part of its path is a link. `.` is that directory then, whatever becomes of its name.
enter() { cd -P -- "$1" 2>/dev/null && [ "$(pwd -P)" = "$1" ]; }

# retry TIMES COMMAND...: once a second, until it succeeds.
retry() {
    remaining=$1
    shift
    until "$@"; do
        [ $((remaining -= 1)) -gt 0 ] || return 1
        sleep 1
    done
}

# At the end of a script its scratch directory and its lock go, and the place of the lock when nothing else is in it.
scratch="" held_lock="" own_place=""
clean_up() {
    [ -z "$scratch" ] || rm -rf "$scratch"
    leave_lock
}

leave_lock() {
    [ -z "$held_lock" ] || rm -f "$held_lock"
    [ -z "$own_place" ] || rmdir "$own_place" 2>/dev/null || true
    held_lock=
}

# make_scratch: sets $scratch to a new directory for temporary files, with a name that nobody can foresee.
make_scratch() {
    scratch=$(mktemp -d) || die "no temporary directory could be made on this NAS; the reason stands above."
    protected "$(cd -P "$scratch" && pwd -P)" || {
        rmdir "$scratch"
        die "'$exposed' on this NAS lets others replace temporary files: run 'chmod +t $exposed' there, and run 'up' again."
    }
    at_exit=${at_exit:-clean_up}
}

# began PID: when the process (whose name may have spaces) began, in ticks; nothing when it has ended, as a zombie (Z) has.
began() { awk '{ sub(/.*\) /, ""); if ($1 != "Z") print $20 }' "/proc/$1/stat" 2>/dev/null || true; }

# is_alive HOLDER: whether who has taken a lock has not ended.
is_alive() { [ "$(began "${1%:*}")" = "${1#*:}" ]; }

# is_held LOCK: whether whoever took it is still there.
is_held() { holder=$(readlink "$1" 2>/dev/null) && [ -n "$holder" ] && is_alive "$holder"; }

# break_lock LOCK HOLDER: takes away what a holder that has ended has left. Somebody else may do so and take it for itself at the same
# moment: only who has the lock for the lock of that holder removes it, while it is still that. That one can be left, too.
break_lock() {
    if ln -s "$self:$(began "$self")" "$1.$2" 2>/dev/null; then
        [ "$(readlink "$1")" != "$2" ] || rm -f "$1"
        rm -f "$1.$2"
    else
        breaker=$(readlink "$1.$2") && [ -n "$breaker" ] && ! is_alive "$breaker" && break_lock "$1.$2" "$breaker"
    fi
}

# take_lock PATH [SECONDS]: waits for it, by default a minute. A lock is a link that names its holder, so that one whose script
# was killed, or was there before the NAS restarted, is nobody's. It must be where nobody else can write.
take_lock() {
    remaining=${2:-60} failures=0
    # Not $$, which is the shell that waits for this one (see dispatch).
    read -r self _ </proc/self/stat
    until ln -s "$self:$(began "$self")" "$1" 2>/dev/null; do
        holder=$(readlink "$1" || true)
        if [ -z "$holder" ]; then
            # Released this moment, with its directory; or nothing can be written there.
            [ $((failures += 1)) -lt 5 ] ||
                die "the lock $1 on this NAS cannot be made: see whether its directory is writable and the disk has room, and run 'up' again."
            [ -d "${1%/*}" ] || mkdir "${1%/*}" 2>/dev/null || true
        elif ! is_alive "$holder" && break_lock "$1" "$holder"; then
            continue
        fi
        [ $((remaining -= 1)) -gt 0 ] ||
            die "the lock $1 on this NAS cannot be taken: let the other update end (process ${holder%:*}), or remove it, and run 'up' again."
        sleep 1
    done
    held_lock=$1
    at_exit=${at_exit:-clean_up}
}

# take_own_lock NAME: waits for a lock among the scripts of this user, where nobody else can change it.
take_own_lock() {
    if [ "$me" = 0 ]; then
        own_place=$(cd -P "${runtime_directory:-/var/run}" && pwd -P)/nas-registry
    else
        own_place=$(cd -P "$HOME" && pwd -P)/.nas-registry
    fi
    own_directory "$own_place" 700 "$me:$(id -g)"
    take_lock "$own_place/$1.lock"
}
