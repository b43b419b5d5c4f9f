#!/bin/sh
# Starts the registry, in its container, unless what is mounted as its data directory is not what `up` has left there. The
# engine mounts at every start whatever is at that path then: after a restart of the NAS that may be the empty place of a folder
# that is still locked, or a directory or link that somebody with rights in the shared folder has put there.
set -eu

refuse() {
    echo "nas-registry: the registry does not start, since $1: mount or unlock the shared folder that holds its images, or put the directory back; 'pulumi up' says more." >&2
    exit 1
}

# There is none when the images are kept elsewhere.
if [ -f /etc/distribution/data-mark ]; then
    cd /var/lib/registry || refuse "its data directory cannot be opened"
    # shellcheck disable=SC2012,SC2046
    set -- $(ls -ldn .)
    # Nobody else could have made a directory of this user's; and nobody else can put something into this one.
    [ "$3" = "$(id -u)" ] || refuse "its data directory belongs to user $3"
    [ "${1%%------*}" = drwx ] || refuse "others can reach what is in its data directory"
    { [ -f ./.nas-registry ] && [ ! -h ./.nas-registry ] &&
        [ "$(cat ./.nas-registry)" = "$(cat /etc/distribution/data-mark)" ]; } ||
        refuse "its data directory is not the one that 'up' has marked"
    cd /
fi
exec registry serve /etc/distribution/config.yml
