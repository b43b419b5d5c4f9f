# The directory with the images, which is usually in a shared folder, where others can rename and replace it. It is known
# again by a mark in it, which they cannot read, and by a record in the control directory.
#
# Values: data_directory ("" when images are kept elsewhere), control_directory, owner (uid:gid of the data), container_name,
#         component, owner_label (project/stack), lost_data_directory (name of one that is not coming back, may be empty)
#
# In the control directory:
#   data-record   id, path, owner, inode of directory and mark, and what in it changed last, one name=value a line; as old as that
#   data-claim    path and inode of a directory that is about to become the registry's, and is root's meanwhile

mark=.nas-registry
record=$control_directory/data-record
claim=$control_directory/data-claim

# The control directory holds all of a registry but its images. Its last two names are ours; above them are the NAS's own.
make_control_directory() {
    # The containers' user can read what is for it; without root all of it is one user's.
    directory_mode=700 file_mode=600 readable_by=$owner
    [ "$me" != 0 ] || directory_mode=750 file_mode=640 readable_by=0:${owner#*:}
    own_directory "${control_directory%/*}" 755 "$me:$(id -g)"
    own_directory "$control_directory" 755 "$me:$(id -g)"
    own_directory "$control_directory/registry" "$directory_mode" "$readable_by"
    own_directory "$control_directory/redis" "$directory_mode" "$readable_by"
    # Redis makes its socket there.
    own_directory "$control_directory/run" 700 "$owner"
}

recorded() { sed -n "s/^$1=//p" "$record_now" 2>/dev/null | head -n 1; }
# name_of ID: what a person is told; the rest of the id stays unknown to whoever can write in the shared folder.
name_of() { echo "${1%????????????????????????}"; }
# our_containers [OPTION...]: of this stack.
our_containers() { run_docker ps --quiet --filter "label=nas-registry.owner=$owner_label" "$@"; }

# current_source PATH: what is mounted there in this component's container, whatever its name; nothing where there is none.
current_source() {
    container=$(our_containers --all --filter "name=^/$container_name\$")
    [ -n "$container" ] || container=$(our_containers --all --filter "label=nas-registry.component=$component" | head -n 1)
    [ -z "$container" ] ||
        run_docker inspect --format "{{range .Mounts}}{{if eq .Destination \"$1\"}}{{.Source}}{{end}}{{end}}" "$container"
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
    [ "$(name_of "$known_id")" != "$lost_data_directory" ] || known_id="" known_path=""
}

# in_directory DIRECTORY COMMAND...: runs a command in it, in a shell of its own; fails where a part of its path is a link.
in_directory() (
    enter "$1" || exit 1
    shift
    "$@"
)

# The following run in the data directory.

has_mark() { [ -n "$1" ] && has_text "$1" "./$mark" && [ "$(links_of "./$mark")" = 1 ]; }
mark_name() { [ -f "./$mark" ] && [ ! -h "./$mark" ] && cut -c 1-8 <"./$mark" | tr -cd 0-9a-f; }
holds_images() { [ -d ./docker/registry/v2 ]; }
is_my_own() { [ "$(user_of .)" = "$me" ]; }
is_known() { [ -n "$known_id" ] && [ "$known_path" = "$data_directory" ]; }
# Nothing but what an interrupted update of ours has left in it.
is_untouched() { [ -z "$(find . ! -name . -prune ! -name "$mark*")" ]; }

# Another one while a directory is taken over than when its content is right already.
taking=
claim_text() { echo "$data_directory $(inode_of .)$taking"; }
# Root's, and root has not finished with it.
is_claimed() { is_my_own && has_text "$(claim_text)$newline" "$claim"; }

# Directories of which every push, and every delete, changes one; what lies below is left out, since it is much.
# shellcheck disable=SC2120
changing_directories() {
    find ./docker/registry/v2/repositories -type d \( -name _layers -prune -o -path '*/_uploads/*' -prune -o \
        -path '*/_manifests/tags/*' -prune -o -path '*/_manifests/revisions/*/*' -prune -o "$@" -print \) 2>/dev/null
}

# Nothing where nothing was pushed yet.
newest_directory() {
    [ -z "$(changing_directories | head -n 1)" ] ||
        changing_directories | xargs sh -c 'ls -dt "$@" | head -n 1' sh 2>/dev/null | xargs ls -dt 2>/dev/null | head -n 1
}

# Times in a directory only grow, so one without anything as new as what was there before is an older state.
is_older() {
    newest=$(recorded newest)
    [ -n "$newest" ] && [ -z "$(changing_directories -newer "$record_now" | head -n 1)" ] || return 1
    # shellcheck disable=SC3013
    [ ! -d "$newest" ] || [ "$record_now" -nt "$newest" ]
}

# Whether nobody but root and the registry's user can put something in this directory. In another's own a mark is not read:
# a FIFO that takes its place at the right moment would keep root waiting.
is_out_of_reach() {
    case $(owner_of .):$(mode_of .) in
    "$owner":d* | "$(recorded owner)":d*) ;;
    *:d????-??-*) is_my_own ;;
    *) false ;;
    esac
}

# judge_here: whether the working directory is the registry's: ours, or what is wrong with it.
judge_here() {
    found=$(owner_of .)
    foreign="belongs to $found, and the registry runs as $owner: set takeOverDataFrom to '$found', and all in it is given to $owner, or choose another directory"
    images="the directory that holds the images of this registry"
    if is_known; then
        if ! is_out_of_reach || ! has_mark "$known_id"; then
            if is_untouched; then echo "is empty, and not $images: $mend"; else echo "is not $images: $mend"; fi
        elif [ "$(recorded directory) $(recorded mark)" != "$(inode_of .) $(inode_of "./$mark")" ]; then
            echo "is a copy of $images, and may lack the newest: $mend"
        elif is_older; then
            echo "is an older state of $images: $mend"
        # Root's while an update was interrupted that had all but the last step to do; not while one takes it over.
        elif [ "$found" = "$owner" ] || { is_my_own && ! grep -q ' from [0-9]' "$claim" 2>/dev/null; }; then
            echo ours
        else
            echo "$foreign"
        fi
    elif is_my_own && { is_untouched || is_claimed; }; then
        echo ours
    elif [ "$found" != "$owner" ]; then
        echo "$foreign"
    elif [ ! -e "./$mark" ] || has_mark "$known_id" || [ "$(mark_name)" = "${lost_data_directory:-none}" ]; then
        echo ours
    else
        echo "is marked as another registry's: choose another directory; if that registry is gone, set lostDataDirectory to '$(mark_name)'"
    fi
}

# judge: sets $data_state to absent, ours or what is wrong, and $problem to that in one sentence, or to nothing.
judge() {
    problem=
    mend="mount or unlock the shared folder or volume that holds it, or put it back, and run 'up' again; if it is not coming back, set lostDataDirectory to '$(name_of "$known_id")', and what is there now, or a new and empty one, is used"
    if [ ! -e "$data_directory" ] && [ ! -h "$data_directory" ]; then
        data_state=absent
        ! is_known || problem="'$data_directory', which holds the images of this registry, is not there: $mend"
        return
    fi
    data_state=$(in_directory "$data_directory" judge_here) ||
        data_state="cannot be used, since a part of that path is a link that others can change, or no directory: remove it, or give the path that it leads to"
    [ "$data_state" = ours ] || problem="'$data_directory' $data_state"
}

# Images of manifest schema 1, for which distribution 3 answers 500 and at which its garbage collection stops: at most five.
# Nothing but files is read.
schema1_images() {
    cd ./docker/registry/v2 2>/dev/null || return 0
    revisions=$(find repositories -type f -path '*/_manifests/revisions/sha256/*/link')
    echo "$revisions" | sed -n 's|.*/sha256/\(\(..\)[0-9a-f]*\)/link$|blobs/sha256/\2/\1/data|p' | sort -u |
        while read -r blob; do [ ! -f "$blob" ] || [ -h "$blob" ] || echo "$blob"; done |
        { xargs grep -lsE '"schemaVersion"[[:space:]]*:[[:space:]]*1[^0-9]' /dev/null || true; } |
        sed 's|.*/\([0-9a-f]*\)/data|\1|' | while read -r digest; do
            echo "$revisions" | sed -n "s|^repositories/\(.*\)/_manifests/revisions/sha256/$digest/link|\1@sha256:$digest|p"
        done | head -n 5 | tr '\n' ' '
}

refuse_schema1() {
    names=$(in_directory "$data_directory" schema1_images)
    [ -z "$names" ] ||
        die "dataDirectory: '$data_directory' holds images of manifest schema 1, which distribution 3 cannot read: ${names}(at most five are named); pull them with Docker and push them again to the registry that serves them now, or delete them there, and run 'up' again."
}

# Root's alone for a moment, so that nobody else can change what is in it meanwhile.
claim_here() {
    claim_text | write_file "$claim" 600 "$me:$(id -g)"
    close_here 0:0
    is_my_own || die "dataDirectory: '$data_directory' could not be made this registry's own: see who else uses it."
}

# close_here OWNER: only that user can look into it or change it.
close_here() {
    give . "$1"
    without_acl .
    chmod 700 .
}

# make_and_enter DIRECTORY: its missing parents, too. Whoever can write in the shared folder may put something in the way at
# any moment; then it is no directory of ours, or not an empty one.
make_and_enter() {
    if [ ! -d "$(dirname "$1")" ]; then
        make_and_enter "$(dirname "$1")"
        # What is in it is for everybody to see.
        chmod 755 .
    fi
    enter "$(dirname "$1")" || die "dataDirectory: a part of '$1' is a link or no directory: give a path without links."
    mkdir "./${1##*/}" || die "dataDirectory: '$1' could not be made on this NAS; the reason stands above."
    { enter "$1" && is_my_own && is_untouched; } ||
        die "dataDirectory: somebody put something in the way while '$1' was made: look who can write there, and run 'up' again."
    close_here 0:0
    is_untouched || die "dataDirectory: somebody put something into '$1' while it was made: remove it, and run 'up' again."
}

new_id() { tr -d '\n-' </proc/sys/kernel/random/uuid; }

# give_mark ID: in a directory that is claimed.
give_mark() {
    rm -f "./$mark" ./"$mark".?????? 2>/dev/null ||
        die "dataDirectory: '$data_directory/$mark' is in the way: move it away, and run 'up' again."
    printf '%s' "$1" | write_anew "./$mark" 440 "0:${owner#*:}"
}

# keep_here: marks the working directory as this registry's, notes it in the record, and gives it to the registry's user.
keep_here() {
    id=$known_id
    if ! has_mark "$id"; then
        claim_here
        id=$(new_id)
        give_mark "$id"
    fi
    newest=$(newest_directory)
    write_file "$record" 600 "$me:$(id -g)" "$newest" <<END
id=$id
path=$data_directory
owner=$owner
directory=$(inode_of .)
mark=$(inode_of "./$mark")
newest=$newest
END
    # Of two records, the revert of the other one would take the mark away.
    [ "$record_now" = "$record" ] || rm -f "$record_now"
    close_here "$owner"
    rm -f "$claim"
    put "$id" "$control_directory/registry/data-mark" "$file_mode" "$readable_by"
}

# forget_mark ID: in a directory that is no longer this registry's.
forget_mark() { ! has_mark "$1" || rm -f "./$mark"; }

# put_data_directory: after judge had nothing to say.
put_data_directory() {
    if [ "$data_state" = absent ]; then
        make_and_enter "$data_directory"
    else
        { enter "$data_directory" && [ "$(judge_here)" = ours ]; } ||
            die "dataDirectory: '$data_directory' was replaced while this ran: run 'up' again."
    fi
    keep_here
    cd /
}
