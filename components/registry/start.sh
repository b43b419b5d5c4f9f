#!/bin/sh
# Runs the registry, in its container, or with arguments another command on its data, unless what is mounted as its data directory
# is not what `up` has left there. The engine mounts at every start whatever is at that path then: after a restart of the NAS that
# may be the empty place of a folder that is still locked, or a directory or link that somebody with rights in the shared folder
# has put there.
set -eu

refuse() {
    echo "nas-registry: the registry does not start, since $1: mount or unlock the shared folder that holds its images, or put the directory back; 'pulumi up' says more." >&2
    exit 1
}

# There is none when the images are kept elsewhere.
if [ -f /etc/distribution/data-mark ]; then
    cd /var/lib/registry || refuse "its data directory cannot be opened"
    # shellcheck disable=SC2012,SC2046
    set -- "$(ls -ldn . | awk '{ print $1, $3 }')" "$@"
    # Nobody else could have made a directory of this user's; and nobody else can put something into this one.
    [ "${1#* }" = "$(id -u)" ] || refuse "its data directory belongs to user ${1#* }"
    [ "${1%%------*}" = drwx ] || refuse "others can reach what is in its data directory"
    { [ -f ./.nas-registry ] && [ ! -h ./.nas-registry ] &&
        [ "$(cat ./.nas-registry)" = "$(cat /etc/distribution/data-mark)" ]; } ||
        refuse "its data directory is not the one that 'up' has marked"
    shift
    # The end of a restore (operations/restore), which may be interrupted between its renames.
    if [ $# = 0 ] && [ -d .nas-registry-switch/new ]; then
        { [ -e .nas-registry-switch/old ] || [ ! -e docker ]; } || mv docker .nas-registry-switch/old
        [ -e docker ] || mv .nas-registry-switch/new docker
    elif [ $# = 0 ] && [ -d .nas-registry-switch/old ] && [ ! -e docker ]; then
        mv .nas-registry-switch/old docker
    fi
    cd /
fi
[ $# = 0 ] || exec "$@"

# Pushes and deletes are refused while garbage is collected: by the configuration read-only.yml, from the moment at which the
# program of the NAS's operations says so until it says otherwise, or until the NAS restarts, since nothing is collected then.
wanted_now() {
    case $(cat /etc/distribution/writes 2>/dev/null) in
    "blocked $(cat /proc/sys/kernel/random/boot_id)") echo read-only ;;
    *) echo config ;;
    esac
}

serve() {
    registry serve "/etc/distribution/$served.yml" &
    serving=$!
}

# HUP: look again what is wanted. The one that serves gives the port away at once, and ends its uploads and downloads beside the
# other one; until it has let go of the port the other one tries again.
stopping='' replaced='' tries=0
trap 'heard=yes wanted=$(wanted_now)' HUP
trap 'heard=yes stopping=yes; kill -TERM $serving $replaced 2>/dev/null || true' TERM INT
wanted=$(wanted_now) served=$wanted
serve
while :; do
    heard='' code=0
    wait "$serving" || code=$?
    if [ -z "$stopping" ] && [ "$wanted" != "$served" ]; then
        replaced=$serving served=$wanted tries=50
        kill -TERM "$replaced" 2>/dev/null || true
        serve
    elif [ -n "$heard" ]; then
        # It was a signal that ended the waiting; the shell knows the code of a process that has ended until it is asked once more.
        :
    elif [ -z "$stopping" ] && [ "$code" != 0 ] && [ $((tries -= 1)) -ge 0 ]; then
        sleep 0.1
        serve
    else
        [ -z "$replaced" ] || wait "$replaced" || true
        exit "$code"
    fi
done
