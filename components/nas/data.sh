# shellcheck shell=sh disable=SC2154
# The directory with the images, which is usually in a shared folder, where others can rename and replace it. It is known
# again by a mark in it, which they cannot read, and by a record in the control directory. Sourced by scripts that have
# lib.sh, current.sh and control.sh.
#
# Values: data_directory ("" when images are kept elsewhere), control_directory, owner (uid:gid of the data),
#         lost_data_directory (name of a data directory that is not coming back, may be empty)
#
# In the control directory:
#   data-record   id, path, owner, inode of directory and mark, and what in it changed last, one name=value a line
#   data-newest   a file as old as that
#   data-claim    path and inode of a directory that is about to become the registry's, and is root's meanwhile

mark=.nas-registry
record=$control_directory/data-record
newest_file=$control_directory/data-newest
claim=$control_directory/data-claim

recorded() {
    sed -n "s/^$1=//p" "$record_now" 2>/dev/null | head -n 1
}

# name_of ID: what a person is told; the rest of the id stays unknown to whoever can write in the shared folder.
name_of() {
    echo "${1%????????????????????????}"
}

# read_record: sets $known_id to the id of the registry's data directory and $known_path to its path; both are empty where
# there was none. A registry that gets another control directory has its record in the one that its container uses.
read_record() {
    [ ! -e "$control_directory" ] || must_be_protected "$control_directory"
    record_now=$record
    if [ ! -f "$record" ]; then
        mounted=$(current_source /etc/distribution)
        [ -z "$mounted" ] || ! protected "${mounted%/*}" || record_now=${mounted%/*}/data-record
    fi
    known_id=$(recorded id)
    known_path=$(recorded path)
    if [ -n "$known_id" ] && [ "$(name_of "$known_id")" = "$lost_data_directory" ]; then
        known_id=
        known_path=
    fi
}

# in_data_directory DIRECTORY COMMAND...: runs a command in it, in a shell of its own; fails where a part of its path is a link.
in_data_directory() (
    enter "$1" || exit 1
    shift
    "$@"
)

# The following run in the data directory.

has_mark() { # id
    [ -n "$1" ] && has_text "$1" "./$mark" && [ "$(links_of "./$mark")" = 1 ]
}

mark_name() {
    [ -f "./$mark" ] && [ ! -h "./$mark" ] && cut -c 1-8 <"./$mark" | tr -cd 0-9a-f
}

has_lost_mark() {
    [ -n "$lost_data_directory" ] && [ "$(mark_name)" = "$lost_data_directory" ]
}

holds_images() {
    [ -d ./docker/registry/v2 ]
}

# Nothing but what an interrupted update of ours has left in it.
is_untouched() {
    # shellcheck disable=SC2010
    [ -z "$(ls -A . | grep -v "^$mark" || true)" ]
}

is_my_own() {
    case $(owner_of .) in
    "$me":*) true ;;
    *) false ;;
    esac
}

claim_text() {
    echo "$data_directory $(inode_of .)"
}

# Root's, and root has not finished with it.
is_claimed() {
    is_my_own && { is_untouched || has_text "$(claim_text)
" "$claim"; }
}

# Root's while an update was interrupted that had all but the last step to do; not while one takes it over (takeOver.sh).
is_about_to_be_given() {
    is_my_own && ! grep -q ' from [0-9]' "$claim" 2>/dev/null
}

# Directories of which every push, and every delete, changes one; what lies below is left out, since it is much.
# shellcheck disable=SC2120
changing_directories() {
    find ./docker/registry/v2/repositories -type d \( -name _layers -prune -o -path '*/_uploads/*' -prune -o \
        -path '*/_manifests/tags/*' -prune -o -path '*/_manifests/revisions/*/*' -prune -o "$@" -print \) 2>/dev/null
}

# Nothing where nothing was pushed yet.
newest_directory() {
    [ -z "$(changing_directories | head -n 1)" ] || changing_directories | xargs sh -c 'ls -dt "$@" | head -n 1' sh 2>/dev/null | xargs ls -dt 2>/dev/null | head -n 1
}

# Times in a directory only grow, so one without anything as new as what was there before is an older state.
is_older() {
    newest=$(recorded newest)
    reference=${record_now%/*}/data-newest
    [ -n "$newest" ] && [ -f "$reference" ] || return 1
    [ -z "$(changing_directories -newer "$reference" | head -n 1)" ] || return 1
    # shellcheck disable=SC3013
    [ ! -d "$newest" ] || [ "$reference" -nt "$newest" ]
}

# Whether nobody but root and the registry's user can put something in this directory. In another's own a mark is not read:
# a FIFO that takes its place at the right moment would keep root waiting.
is_out_of_reach() {
    case $(owner_of .) in
    "$owner" | "$(recorded owner)") true ;;
    "$me":*)
        case $(mode_of .) in
        d????-??-*) true ;;
        *) false ;;
        esac
        ;;
    *) false ;;
    esac
}

# judge_here: in one word, whether the working directory is the registry's.
judge_here() {
    found=$(owner_of .)
    if [ -n "$known_id" ] && [ "$known_path" = "$data_directory" ]; then
        if ! is_out_of_reach || ! has_mark "$known_id"; then
            if is_untouched; then echo emptied; else echo another; fi
        elif [ "$(recorded directory) $(recorded mark)" != "$(inode_of .) $(inode_of "./$mark")" ]; then
            echo copy
        elif is_older; then
            echo older
        elif [ "$found" = "$owner" ] || is_about_to_be_given; then
            echo ours
        else
            echo "owner $found"
        fi
    elif is_claimed; then
        echo ours
    elif [ "$found" != "$owner" ]; then
        echo "owner $found"
    elif [ ! -e "./$mark" ] || has_mark "$known_id" || has_lost_mark; then
        echo ours
    else
        echo "marked $(mark_name)"
    fi
}

# judge_data: sets $data_state to absent, link, "owner UID:GID", ours, "marked NAME" by another record, or, of the directory
# that is recorded, emptied, another, copy or older.
judge_data() {
    if [ ! -e "$data_directory" ] && [ ! -h "$data_directory" ]; then
        data_state=absent
    else
        data_state=$(in_data_directory "$data_directory" judge_here) || data_state="link"
    fi
}

# shellcheck disable=SC2034
# judge: sets $problem to what is wrong with the data directory, in one sentence; to nothing where it is right or is still
# to be made.
judge() {
    judge_data
    problem=
    mend="mount or unlock the shared folder or volume that holds it, or put it back, and run 'up' again; if it is not coming back, set lostDataDirectory to '$(name_of "$known_id")', and what is there now, or a new and empty one, is used"
    case $data_state in
    absent)
        [ -z "$known_id" ] || [ "$known_path" != "$data_directory" ] ||
            problem="'$data_directory', which holds the images of this registry, is not there: $mend"
        ;;
    link)
        problem="'$data_directory' cannot be used, since a part of that path is a link that others can change, or no directory: remove it, or give the path that it leads to"
        ;;
    owner*)
        problem="'$data_directory' belongs to ${data_state#owner }, and the registry runs as $owner: set takeOverDataFrom to '${data_state#owner }', and all in it is given to $owner, or choose another directory"
        ;;
    marked*)
        problem="'$data_directory' is marked as another registry's: choose another directory; if that registry is gone, set lostDataDirectory to '${data_state#marked }'"
        ;;
    emptied) problem="'$data_directory' is empty, and not the directory that holds the images of this registry: $mend" ;;
    another) problem="'$data_directory' is not the directory that holds the images of this registry: $mend" ;;
    copy)
        problem="'$data_directory' is a copy of the directory that holds the images of this registry, and may lack the newest: $mend"
        ;;
    older) problem="'$data_directory' is an older state of the directory that holds the images of this registry: $mend" ;;
    esac
}

# claim_here: root's alone for a moment, so that nobody else can change what is in it meanwhile.
claim_here() {
    [ "$me" != 0 ] || chown 0:0 .
    without_acl .
    chmod 700 .
    is_my_own || die "dataDirectory: '$data_directory' could not be made this registry's own: see who else uses it."
}

# make_and_enter DIRECTORY: its missing parents, too. Whoever can write in the shared folder may put something in the way at
# any moment; then it is no directory of ours, or not an empty one.
make_and_enter() {
    parent=${1%/*}
    parent=${parent:-/}
    if [ ! -d "$parent" ]; then
        make_and_enter "$parent"
        # What is in it is for everybody to see.
        chmod 755 .
    fi
    parent=${1%/*}
    enter "${parent:-/}" || die "dataDirectory: a part of '$1' is a link or no directory: give a path without links."
    mkdir "./${1##*/}" || die "dataDirectory: '$1' could not be made on this NAS; the reason stands above."
    { enter "$1" && is_my_own && is_untouched; } ||
        die "dataDirectory: somebody put something in the way while '$1' was made: look who can write there, and run 'up' again."
    claim_here
    is_untouched || die "dataDirectory: somebody put something into '$1' while it was made: remove it, and run 'up' again."
}

new_id() {
    tr -d '\n-' </proc/sys/kernel/random/uuid
}

# give_mark: in a directory that is claimed.
give_mark() {
    rm -f "./$mark" ./"$mark".?????? 2>/dev/null ||
        die "dataDirectory: '$data_directory/$mark' is in the way: move it away, and run 'up' again."
    temporary=$(mktemp "./$mark.XXXXXX")
    printf '%s' "$1" >"$temporary"
    [ "$me" != 0 ] || chown "0:${owner#*:}" "$temporary"
    chmod 440 "$temporary"
    mv -f "$temporary" "./$mark"
}

# note_data ID: in the data directory.
note_data() {
    newest=$(newest_directory)
    write_file "$record" 600 "$me:$(id -g)" <<END
id=$1
path=$data_directory
owner=$owner
directory=$(inode_of .)
mark=$(inode_of "./$mark")
newest=$newest
END
    # In this order: killed between the two, what is recorded is newer than the file, and not older.
    if [ -n "$newest" ]; then
        temporary=$(mktemp "$newest_file.XXXXXX")
        touch -r "$newest" "$temporary"
        mv -f "$temporary" "$newest_file"
    else
        rm -f "$newest_file"
    fi
    # Of two records, the revert of the other one would take the mark away.
    [ "$record_now" = "$record" ] || rm -f "$record_now"
}

# keep_here: marks the working directory as this registry's, and gives it to the registry's user.
keep_here() {
    if [ -n "$known_id" ] && has_mark "$known_id"; then
        id=$known_id
    else
        claim_text | write_file "$claim" 600 "$me:$(id -g)"
        claim_here
        id=$(new_id)
        give_mark "$id"
    fi
    note_data "$id"
    if [ "$me" = 0 ] && [ "$(owner_of .)" != "$owner" ]; then
        chown "$owner" .
    fi
    [ "$(mode_of .)" = drwx------ ] || {
        without_acl .
        chmod 700 .
    }
    rm -f "$claim"
    put "$id" "$control_directory/registry/data-mark" "$file_mode" "$readable_by"
}

# forget_mark ID: in a directory that is no longer this registry's.
forget_mark() {
    ! has_mark "$1" || rm -f "./$mark"
}

# put_data_directory: after judge had nothing to say.
put_data_directory() {
    if [ "$data_state" = absent ]; then
        make_and_enter "$data_directory"
    else
        enter "$data_directory" || die "dataDirectory: '$data_directory' was replaced while this ran: run 'up' again."
        [ "$(judge_here)" = ours ] || die "dataDirectory: '$data_directory' was replaced while this ran: run 'up' again."
    fi
    keep_here
    cd /
}
