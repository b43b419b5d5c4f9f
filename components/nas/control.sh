# shellcheck shell=sh disable=SC2154,SC2034
# The directory on the NAS that holds all of a registry but its images: only root can write there, or, without root, the SSH
# user. Sourced by scripts that have lib.sh.
#
# Values: control_directory, owner (uid:gid of the containers)

# The containers' user can read what is for it; without root all of it is one user's.
find_rights() {
    if [ "$me" = 0 ]; then
        directory_mode=750 file_mode=640 readable_by=0:${owner#*:}
    else
        directory_mode=700 file_mode=600 readable_by=$owner
    fi
}

# The last two names are ours; above them are the NAS's own directories.
make_control_directory() {
    find_rights
    own_directory "${control_directory%/*}" 755 "$me:$(id -g)"
    own_directory "$control_directory" 755 "$me:$(id -g)"
    own_directory "$control_directory/registry" "$directory_mode" "$readable_by"
    own_directory "$control_directory/redis" "$directory_mode" "$readable_by"
    # Redis makes its socket there.
    own_directory "$control_directory/run" 700 "$owner"
}
