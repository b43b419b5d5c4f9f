#!/bin/sh
# What is done for a backup inside of a container: `sh inside.sh FUNCTION [WORD...]`. It runs as the images' owner, who has no rights
# but in what is mounted:
#   /var/lib/registry   the data directory
#   /staging            a directory of ours, for a copy of the links
#   /backup             where the backups are, if that is a directory of the NAS
#   /etc/restic         environment (shell text), password, target-mark: who can read them can read the backups
set -eu
umask 077
export LC_ALL=C

v2=docker/registry/v2
mark=.nas-registry-backup

# refuse SENTENCE: whoever started the container says no other.
refuse() {
    echo "nas-registry: $*" >&2
    exit 97
}

restic() {
    [ ! -f /etc/restic/target-mark ] || [ "$(cat "/backup/$mark" 2>/dev/null)" = "$(cat /etc/restic/target-mark)" ] ||
        refuse "operations.backup.directory: it is not the directory where the backups were so far: plug in or mount its disk, or begin anew there with 'nas-registry backup --new-target'."
    # May put options before the words.
    # shellcheck source=/dev/null
    . /etc/restic/environment
    nice -n 10 restic "$@"
}

# begin_target: prints the mark of the target, which is marked if it was not.
begin_target() {
    cd /backup
    # Of one that was killed.
    rm -f "$mark.new" 2>/dev/null || true
    # shellcheck disable=SC2012
    [ -f "$mark" ] || [ -f config ] || [ -z "$(ls -A . | head -n 1)" ] ||
        refuse "operations.backup.directory: there is something else than backups in it: give one that does not exist yet, and is made, or an empty one."
    { cat /etc/restic/new-mark >"$mark.new"; } 2>/dev/null ||
        refuse "operations.backup.directory: user $(id -u) cannot write there, as which containers run: give one that does not exist yet, and is made for that user, or let that user write there."
    if [ -f "$mark" ]; then rm -f "$mark.new"; else mv "$mark.new" "$mark"; fi
    cat "$mark"
}

# An interrupted one has left a key, and nothing that the key is for; restic would refuse to begin beside it.
init() {
    [ ! -d /backup/keys ] || [ -e /backup/config ] || [ -n "$(find /backup/data /backup/snapshots -type f | head -n 1)" ] ||
        rm -rf /backup/keys
    restic init
}

# seen WORDS: prints a line that is another one when WORDS, or anything that goes into a backup, is another; and that of the target.
# Blobs and links are known by their names, sizes, inodes and times; the file that says which image a tag is also by its content, since
# it may change twice in a second, and everything else by its content alone.
seen() {
    { show_source "$*" || unlike_any; } | sha256sum
    target_seen
}

show_source() {
    echo "$*" && cat /etc/restic/* && find /etc/distribution ! -type d -exec sha256sum '{}' + &&
        find "/var/lib/registry/$v2" -name _uploads -prune -o -type f -exec stat -c '%n %s %i %Y %Z' '{}' + \
            -path '*/current/link' -exec cat '{}' +
}

# target_seen: prints a line that is another one when something has changed where the backups are.
target_seen() {
    { show_target 2>/dev/null || unlike_any; } | sha256sum
}

show_target() {
    # shellcheck source=/dev/null
    . /etc/restic/environment
    if [ "$RESTIC_REPOSITORY" = /backup ]; then
        cd /backup && find config keys snapshots index -type f -exec sha256sum '{}' + &&
            find data -type f -exec stat -c '%n %s %Y' '{}' +
    else
        restic list --no-lock snapshots && restic list --no-lock index
    fi
}

unlike_any() { cat /proc/sys/kernel/random/uuid; }

# forget WORD...: takes away what is not to be kept, and prints how the target looks then.
forget() {
    restic forget --quiet "$@" --prune >&2
    target_seen
}

# unlock: takes away what a killed container of this registry has locked. restic knows it by the host, and since no process has the number
# of the one that has locked: the second run has another number than the first. A lock that is not what its name says is nobody's.
unlock() {
    restic unlock
    [ ! -d /backup/locks ] || (cd /backup/locks && find . -type f -exec sha256sum '{}' + |
        awk 'length($2) == 66 && $2 != "./" $1 { print $2 }' | xargs -r rm -f)
    restic unlock
}

# stage: copies what says which repositories, images and tags there are, in the opposite order of a push: whatever a tag of the
# copy needs was there before the tag. Blobs do not change once they are there, and stay while no garbage is collected.
# Only what differs from the last copy is touched, since restic stores anew what is new, though its content is not.
# Prints "empty" where nothing was pushed yet.
stage() {
    from=/var/lib/registry/$v2/repositories copy=/staging/$v2/repositories
    cd "$from" 2>/dev/null || {
        echo empty
        return
    }
    if [ ! -e /staging/staged ]; then
        find /staging -mindepth 1 -maxdepth 1 -exec rm -rf '{}' +
        mkdir -p "$copy"
        : >/staging/began
        copy_directories -path '*/_manifests/tags'
        copy_directories -path '*/_manifests/revisions' -o -name _layers
        find "$copy" -type f ! -name link -exec rm -f '{}' +
    else
        : >/staging/began
        copy_changed -path '*/_manifests/tags/*'
        # A tag that was pushed again with the same image is younger now.
        find . -path '*/_manifests/tags/*/current/link' -newer /staging/staged -exec cp '{}' "$copy/{}" ';' 2>/tmp/errors || true
        none_failed
        copy_changed ! -path '*/_manifests/tags/*'
        # shellcheck disable=SC2016
        (cd "$copy" && find . -type f -exec sh -c 'for link; do [ -e "$0/$link" ] || rm -f "$link"; done' "$from" '{}' +)
        find "$copy" -mindepth 1 -depth -type d -exec rmdir '{}' + 2>/dev/null || true
    fi
    # Its image was deleted after the tag was copied.
    cd "$copy"
    # shellcheck disable=SC2016
    find . -path '*/_manifests/tags/*/current/link' -exec sh -c '
        for link; do
            IFS= read -r digest <"$link" || true
            tag=${link%/current/link}
            [ -f "${tag%/tags/*}/revisions/sha256/${digest#sha256:}/link" ] || rm -rf "$tag"
        done' sh '{}' +
    mv /staging/began /staging/staged
}

# copy_changed EXPRESSION...: links of which the copy has none, or another one. That does not get the time of the link, which may be the
# same second as that of the former, and restic would take it for unchanged.
copy_changed() {
    # shellcheck disable=SC2016
    find . -name _uploads -prune -o -type f -name link "$@" -exec sh -c '
        to=$1
        shift
        for link; do
            is="" was=""
            { IFS= read -r is <"$link" || [ -n "$is" ] || continue; } 2>/dev/null
            { IFS= read -r was <"$to/$link" || true; } 2>/dev/null
            [ "$is" != "$was" ] || continue
            as=-p
            [ -z "$was" ] || as=-f
            mkdir -p "$to/${link%/*}" && cp "$as" "$link" "$to/$link" || [ $? = 1 ] || echo "cp was killed" >&2
        done' sh "$copy" '{}' + 2>/tmp/errors || [ $? = 1 ] || echo "find was killed" >>/tmp/errors
    none_failed
}

# copy_directories EXPRESSION...: those below the working directory, and all in them; what is deleted meanwhile may be missing.
copy_directories() {
    # shellcheck disable=SC2016
    find . -name _uploads -prune -o -type d \( "$@" \) -prune -exec sh -c '
        to=$1
        shift
        for directory; do
            mkdir -p "$to/${directory%/*}" || exit
            cp -a "$directory" "$to/$directory" || [ $? = 1 ] || echo "cp was killed" >&2
        done' sh "$copy" '{}' + 2>/tmp/errors || [ $? = 1 ] || echo "find was killed" >>/tmp/errors
    none_failed
}

# What has vanished meanwhile was deleted.
none_failed() {
    ! grep -v 'No such file or directory' /tmp/errors >&2 ||
        refuse "the links could not be copied, and the reason stands above: see whether the disk has room."
}
