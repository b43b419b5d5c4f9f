# Backups by restic, which go to a directory of the NAS or to a server, encrypted, and hold nothing twice.
#
# Values: restic_image, restic_inside (text of what its containers run), restic_environment (shell text of what restic reads there;
#         "": there is no backup), restic_files (names, one word each), restic_file_NAME, restic_network, backup_password,
#         backup_directory ("": it is elsewhere), backup_options, keep_options, backup_check ("": no)
# Options: new_target

# inside NETWORK ro|rw [OPTION...] WORD...: a function of inside.sh, with the data directory, in a container.
inside() {
    inside_network=$1 data_access=$2
    shift 2
    data_tool "$inside_network" "$data_access" --mount "type=bind,source=$place/backup,target=/etc/restic,readonly" \
        --mount "type=bind,source=$place/staging,target=/staging" --tmpfs /tmp:rw,noexec,nosuid,nodev,size=128m "$@"
}

# backup_tool ro|rw WORD...: with the images alone.
backup_tool() {
    data_access=$1
    shift
    inside none "$data_access" "$restic_image" /etc/distribution/start.sh /bin/sh /etc/restic/inside.sh "$@"
}

# What backups and locks are known by: another NAS may have a registry of that name, and the same repository. It is a host name, too.
backup_host() {
    echo "$(echo "$container_name" | cut -c 1-54 | tr -c 'A-Za-z0-9\n' -)-$(cut -c 1-8 "$control_directory/registry/data-mark")"
}

# restic_tool ro|rw WORD...: with the place where the backups are, too. restic has the index of all backups in memory, so it gets more
# where memory has a limit.
restic_tool() {
    data_access=$1
    shift
    more_memory=$(echo "$tool_limits" | sed -n 's/.*--memory .*/--memory=1g/p')
    # shellcheck disable=SC2086
    inside "$restic_network" "$data_access" $more_memory --hostname "$(backup_host)" --mount "type=bind,source=$place/cache,target=/cache" \
        --mount "type=bind,source=$place/backup/passwd,target=/etc/passwd,readonly" \
        ${backup_directory:+--mount "type=bind,source=$backup_directory,target=/backup"} \
        "$restic_image" /etc/distribution/start.sh /bin/sh /etc/restic/inside.sh "$@"
}

# prepare_backup: what containers read, and the directory that backups go to.
prepare_backup() {
    [ -n "$restic_environment" ] || die "this registry has no backup: set operations.backup, and run 'up'."
    # ssh refuses its own user's key where others can read it.
    directory_mode=700 file_mode=600
    [ "$me" != 0 ] || directory_mode=750 file_mode=640
    own_directory "$place/backup" "$directory_mode" "$me:${owner#*:}"
    own_directory "$place/staging" 700 "$owner"
    own_directory "$place/cache" 700 "$owner"
    printf '%s' "$restic_environment" | for_container environment
    printf '%s' "$restic_inside" | for_container inside.sh
    printf '%s' "$backup_password" | for_container password
    echo "registry:x:$owner::/tmp:/bin/sh" | for_container passwd
    for file in $restic_files; do
        eval "text=\$restic_file_$file"
        printf '%s' "$text" | for_container "$file"
    done
    rebuild_page | for_container RESTORE.txt
    rm -f "$place/backup/target-mark"
    [ -z "$backup_directory" ] || find_target
}

for_container() { write_file "$place/backup/$1" "$file_mode" "$me:${owner#*:}"; }

# find_target: the directory is known again by a mark in it, so that the place of a disk that is not plugged in, or of a share
# that is not mounted, is not taken for it.
find_target() {
    if is_in "$backup_directory" "$data_directory" || is_in "$data_directory" "$backup_directory"; then
        die "operations.backup.directory: '$backup_directory' and the images in '$data_directory' are one in the other: give another directory, best on another disk."
    fi
    known=$(sed -n 's/^path=//p' "$place/backup-target" 2>/dev/null || true)
    if [ "$known" != "$backup_directory" ] || [ -n "${option_new_target:-}" ]; then
        make_target
        new_mark | for_container new-mark
        found=$(restic_tool ro begin_target) || exit "$told"
        [ -f "$backup_directory/.nas-registry-backup" ] ||
            die "operations.backup.directory: the Docker Engine sees another directory at '$backup_directory' than the NAS does: restart it, since it runs longer than that disk is mounted."
        write_file "$place/backup-target" 600 "$me:$(id -g)" <<END
path=$backup_directory
mark=$(echo "$found" | head -n 1 | tr -cd 0-9a-f)
END
    elif [ ! -d "$backup_directory" ]; then
        die "operations.backup.directory: '$backup_directory' is not there, where the backups are: plug in or mount its disk, or begin anew with 'nas-registry backup --new-target'."
    fi
    sed -n 's/^mark=//p' "$place/backup-target" | for_container target-mark
}

is_in() { case $1/ in "$2"/*) ;; *) false ;; esac }

new_mark() { tr -d '\n-' </proc/sys/kernel/random/uuid; }

# make_target: unless it is there. Not on the NAS's own disk or memory: that is what is below a disk that is not plugged in.
make_target() {
    point=$(mount_of "$backup_directory")
    case $point in
    tmpfs\ * | ramfs\ * | rootfs\ * | *" /")
        [ "$point" = "$(mount_of "$data_directory")" ] ||
            die "operations.backup.directory: '$backup_directory' is on no disk for data: plug in or mount the one that is meant." ;;
    esac
    made=
    [ -e "$backup_directory" ] || {
        made=yes
        in_target "${backup_directory%/*}/" mkdir "./${backup_directory##*/}" || die_of_path
    }
    in_target "$backup_directory" give_new || die_of_path
}

die_of_path() {
    die "operations.backup.directory: '$backup_directory' cannot be used, since a part of that path is not there or is a link: plug in or mount its disk, make the directory above it, or give the path that a link leads to: '$(cd -P "${backup_directory%/*}" 2>/dev/null && pwd -P)/${backup_directory##*/}'."
}

# in_target DIRECTORY COMMAND...: in it, unless a part of its path is a link.
in_target() (
    directory=${1%/}
    shift
    enter "${directory:-/}" && "$@"
)

# Gives away the directory that was made, or that one that was killed has made; others may put something else in its place at any
# moment. A file system that knows no owners takes none; whether the containers' user can write there is tried.
give_new() {
    [ "$(user_of .)" = "$me" ] && [ -z "$(ls -A .)" ] || return 0
    case $made$(mode_of .) in yes* | drwx------*) ;; *) return 0 ;; esac
    give . "$owner" 2>/dev/null || true
    without_acl .
}

# begin_repository: makes the repository where there is none yet.
begin_repository() {
    made_new='' vanished='' repository=$(echo "$restic_environment" | sed -n 's/^export RESTIC_REPOSITORY=//p')
    code=0
    restic_tool ro unlock || code=$?
    case $code in
    0) ;;
    10)
        progress "begins a new repository"
        code=0
        restic_tool ro init || code=$?
        ! tail -n 20 "$results/$record.output" | grep -q 'already contains keys' || die_of_config
        ended_well
        made_new=", in a new repository"
        [ "$(cat "$place/backup-repository" 2>/dev/null)" != "$repository" ] || [ -n "${option_new_target:-}" ] ||
            vanished="the repository with the earlier backups is gone, and a new one has begun: see what became of it" ;;
    *) ended_well ;;
    esac
    echo "$repository" | write_file "$place/backup-repository" 600 "$me:$(id -g)"
}

# restic writes a key before all else of a repository, and with it, as the last, the file config; it can delete nothing without that.
die_of_config() {
    [ "$(cat "$place/backup-repository" 2>/dev/null)" != "$repository" ] ||
        die "the repository of the backups has lost its file 'config', without which nothing reads them: bring that file back, or give operations.backup another place."
    die "a first backup was ended while it began the repository: see that the folders 'data' and 'snapshots' are empty at what operations.backup says, delete 'keys' there, and do this again; when they are not, the repository has lost its file 'config', so bring that back, or give another place."
}

# restic_code WORD...: sets $code to how restic ended.
restic_code() {
    code=0
    restic_tool ro restic "$@" || code=$?
}

# ended_well: whether restic did what it was to do, by $code; unknown ones are failures.
ended_well() {
    case $code in
    0) ;;
    3) warned "something could not be read, and is not in the backup: see 'nas-registry logs $operation'" ;;
    10) die "there is no backup yet at what operations.backup says: make one with 'nas-registry backup'." ;;
    11) die "the repository of the backups is locked by another program, such as another registry's backup, which 'nas-registry logs $operation' names: let it end, and do this again; what a killed one has locked is free after half an hour." ;;
    12) die "operations.backup.password: it is not the password of the repository that is there: give the one that it was made with, or another place for the backups." ;;
    97) exit "$told" ;;
    *)
        fatal=$(sed -n 's/.*Fatal: //p' "$results/$record.output" | tail -n 1)
        case $fatal in *" /backup/"*"no space left on device"*)
            die "operations.backup.directory: '$backup_directory' has no room left: make some there, or keep fewer backups; the images and the backups that are there are as they were." ;;
        esac
        fatal=$(echo "$fatal" | cut -c 1-300)
        die "restic ended with $code${fatal:+: $fatal}; all that it said is in 'nas-registry logs $operation'." ;;
    esac
}

# What decides over a backup is the same when this is, of the images and the rest by $seen, and of the place of the backups by its next
# line, as both were when the last one had ended well; then the last holds what another would.
operation_backup() {
    last_backup=$place/backup-last
    prepare_backup
    progress "looks for what has changed"
    seen=$(restic_tool ro seen "$container_name $restic_image $backup_options $keep_options") || exit "$told"
    if [ -z "${option_new_target:-}" ] && [ "$(head -n 2 "$last_backup" 2>/dev/null)" = "$seen" ]; then
        note snapshot "$(sed -n 3p "$last_backup")"
        note added_bytes 0
        said "nothing has changed since the backup of $(sed -n 4p "$last_backup"), which holds everything"
    else
        rm -f "$last_backup"
        back_up
    fi
    [ -z "$backup_check" ] || check_backup
}

back_up() {
    begun=$(date '+%Y-%m-%d %H:%M')
    begin_repository
    progress "copies the links of the images"
    staged=$(backup_tool ro stage) || exit "$told"
    if [ "$staged" = empty ]; then
        said "nothing was pushed yet, so there is nothing to back up"
        return
    fi
    make_scratch
    blobs=/var/lib/registry/docker/registry/v2/blobs
    # Neither inode nor time of change: a new copy of the links is as good as the last one.
    # shellcheck disable=SC2086
    { restic_code backup --json --ignore-inode --host "$(backup_host)" --tag nas-registry --exclude "$blobs/**/*.tmp" $backup_options \
        /staging/docker "$blobs" /etc/distribution /etc/restic/RESTORE.txt 2>&1
        echo "ended:$code"; } | show_backup
    code=$(cat "$scratch/code") backup_code=$code
    summary=$(cat "$scratch/summary" 2>/dev/null || true)
    # Also when it failed, since it may have been for want of room.
    tidy
    code=$backup_code
    said "backed up $(in_units "$(in_summary total_bytes_processed)"), of which $(in_units "$(in_summary data_added_packed)") were new$made_new"
    note snapshot "$(echo "$summary" | sed -n 's/.*"snapshot_id":"\([0-9a-f]*\)".*/\1/p')"
    note added_bytes "$(in_summary data_added_packed)"
    note total_bytes "$(in_summary total_bytes_processed)"
    ended_well
    [ -z "$untidy$vanished" ] || warned "${vanished:-$untidy}"
    [ "$outcome" != ok ] || write_file "$last_backup" 600 "$me:$(id -g)" <<END
${seen%"$newline"*}
$target
$(echo "$summary" | sed -n 's/.*"snapshot_id":"\([0-9a-f]*\)".*/\1/p')
$begun
END
}

# show_backup: restic's lines for programs become one in ten seconds for people.
show_backup() {
    while IFS= read -r line; do
        case $line in
        *'"message_type":"status"'*)
            progress "backs up: $(echo "$line" | sed -n 's/.*"percent_done":\([0-9.]*\).*/\1/p' | awk '{ print int($1 * 100) }') %" ;;
        *'"message_type":"summary"'*) echo "$line" >"$scratch/summary" ;;
        ended:*) echo "${line#ended:}" >"$scratch/code" ;;
        *) echo "$line" ;;
        esac
    done
}

# in_summary NAME: a number of restic's summary.
in_summary() { echo "$summary" | sed -n "s/.*\"$1\":\\([0-9]*\\).*/\\1/p" | grep . || echo 0; }

# tidy: takes away the backups that are not to be kept; sets $untidy to what is in the way, and $target to what is there then.
tidy() {
    untidy='' code=0
    progress "takes away what is not to be kept"
    # shellcheck disable=SC2086
    target=$(restic_tool ro forget --host "$(backup_host)" --group-by host,tags --tag nas-registry $keep_options) || code=$?
    case $code in
    0) ;;
    11) untidy="the backup is made, but old ones could not be taken away, since another program has locked their repository: give registries that share one other schedules" ;;
    *) untidy="the backup is made, but old ones could not be taken away (restic ended with $code), so they grow: see 'nas-registry logs backup'" ;;
    esac
}

# check_backup: once a week, a tenth of what is stored, another one each time.
check_backup() {
    now=$(date +%s)
    last=$(cat "$place/backup-checked" 2>/dev/null || echo 0)
    [ $((now - last)) -ge 600000 ] || return 0
    progress "reads a tenth of the backups, and checks all that refers to it"
    code=0
    restic_tool ro unlock && restic_tool ro restic check --quiet --read-data-subset "$((now / 604800 % 10 + 1))/10" || code=$?
    [ "$code" != 11 ] || ended_well
    [ "$code" = 0 ] || rm -f "$last_backup"
    [ "$code" = 0 ] || die "the backup is made, but the repository is damaged (restic's check ended with $code): see 'nas-registry logs backup', and https://restic.readthedocs.io/en/stable/077_troubleshooting.html."
    echo "$now" | write_file "$place/backup-checked" 600 "$me:$(id -g)"
}

# rebuild_page: goes into each backup.
rebuild_page() {
    cat <<END
How to rebuild this registry from this backup alone
===================================================

This is a backup of the registry '$container_name' (CNCF distribution, $(run_docker inspect --format '{{.Config.Image}}' "$container_name" 2>/dev/null || echo registry:3)),
made by nas-registry (https://www.npmjs.com/package/nas-registry) with restic 0.19. With the stack's program, 'pulumi up' and
'nas-registry restore' do all of this. Without it, you need restic, the password of the repository, and Docker.

1. Bring back the images and the configuration:

       mkdir registry
       restic -r REPOSITORY restore --host $(backup_host) latest:/staging/docker --target registry/data/docker
       restic -r REPOSITORY restore --host $(backup_host) latest:/var/lib/registry/docker --target registry/data/docker
       restic -r REPOSITORY restore --host $(backup_host) latest:/etc/distribution --target registry/config

   The images are in registry/data/docker/registry/v2, as distribution keeps them: links in repositories, contents in blobs.
   The configuration is config.yml, with the users (htpasswd), the certificate and its key beside it, as far as the registry has them.

2. In registry/config/config.yml remove the parts 'redis' and 'storage.cache', unless you run such a Redis or Valkey, too.

3. Start it, with the files for the user who owns them:

       docker run -d --name registry --restart unless-stopped --user "\$(id -u):\$(id -g)" --publish 5000:5000 \\
           --volume "\$PWD/registry/data:/var/lib/registry" --volume "\$PWD/registry/config:/etc/distribution:ro" \\
           registry:3.1.2 serve /etc/distribution/config.yml

   The port in the container is that of 'http.addr' in config.yml. Clients trust it as before when it has the same address, since
   certificate and users are the same.
END
}
