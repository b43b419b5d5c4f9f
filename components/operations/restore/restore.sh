# Brings images back from a backup, and proves that they can be.
#
# Options: snapshot (an id, latest or a time in UTC; default latest), repository, missing, from_replica, replace, dry_run, damaged
# Values: those of backup.sh, and rehearsed (repositories of which a rehearsal takes an image)

operation_restore() {
    if [ -n "${option_from_replica:-}" ]; then
        restore_from_replica
        return
    fi
    prepare_backup
    find_snapshot
    make_scratch
    if [ -n "${option_repository:-}" ]; then
        restore_repository "$option_repository"
    elif [ -n "${option_missing:-}" ]; then
        restore_missing
    else
        restore_all
    fi
    note snapshot "$snapshot"
    note snapshot_time "$snapshot_time"
}

# find_snapshot: sets $snapshot and $snapshot_time; "latest" is this registry's, or that of the only one that has any, of this name or at
# all.
find_snapshot() {
    progress "looks for the backup"
    code=0
    restic_tool ro unlock || code=$?
    ended_well
    listed=$(restic_tool ro restic snapshots --json --tag nas-registry) || code=$?
    ended_well
    # Time, registry and id of each, the newest first.
    listed=$(echo "$listed" | awk '{ gsub(/\{"time":/, "\n{\"time\":"); print }' |
        sed -n 's/^{"time":"\([^".]*\)[^"]*".*"hostname":"\([^"]*\)".*"id":"\([0-9a-f]*\)".*/\1 \2 \3/p' | sort -r)
    case ${option_snapshot:-latest} in
    latest) of_one_registry ;;
    *-*) of_one_registry "$option_snapshot" ;;
    *) chosen=$(echo "$listed" | awk -v id="$option_snapshot" 'index($3, id) == 1' | head -n 1) ;;
    esac
    [ -n "$chosen" ] || die "there is no such backup; there are: $(name_snapshots)."
    snapshot=${chosen##* } snapshot_time=${chosen%% *}Z
    progress "it is $snapshot of $snapshot_time"
}

# of_one_registry [TIME]: sets $chosen to the newest snapshot, not after that time.
of_one_registry() {
    own=$(backup_host)
    for pattern in "$own" "${own%-*}-........" ".*"; do
        ! hosts=$(echo "$listed" | awk '{ print $2 }' | sort -u | grep -x "$pattern") || break
    done
    [ "$(echo "$hosts" | wc -l)" = 1 ] ||
        die "there are backups of several registries, and none of this one: name one of their snapshots with --snapshot: $(name_snapshots)."
    chosen=$(echo "$listed" | awk -v host="$hosts" -v time="${1:-}" '$2 == host && (time == "" || $1 <= time)' | head -n 1)
}

name_snapshots() {
    echo "$listed" | awk '{ print substr($3, 1, 8) " of " $2 " at " $1 "Z" }' | head -n 20 | tr '\n' ',' | sed 's/,$//; s/,/, /g'
}

restore_all() {
    held=$(backup_tool ro holds_images) || exit "$told"
    [ -n "${option_replace:-}" ] || [ -z "$held" ] ||
        die "the registry holds images: bring one repository back with --repository, or take the backup in their place with --replace; they are kept aside."
    code=0
    stats=$(restic_tool ro restic stats --json --mode restore-size "$snapshot") || code=$?
    ended_well
    size=$(echo "$stats" | sed -n 's/.*"total_size":\([0-9]*\).*/\1/p')
    free=$(backup_tool ro free_bytes) || exit "$told"
    [ -n "$size" ] || die "restic does not say how much room the backup takes; the images are as they were: see 'nas-registry logs restore'."
    [ "$free" -gt "$size" ] ||
        die "the backup has $(in_units "$size"), and $(in_units "$free") are free beside the images: make room, or bring single repositories back with --repository."
    if [ -n "${option_dry_run:-}" ]; then
        said "would restore $(in_units "$size") as of $snapshot_time"
        return
    fi
    bring bring "$snapshot"
    switch_over
    said "restored what was there at $snapshot_time$(name_kept)"
}

# bring WORD...: by a function of inside.sh, and checks all of it.
bring() {
    echo "$snapshot" | write_file "$place/restoring" 600 "$me:$(id -g)"
    progress "brings the images back"
    code=0
    restic_tool rw "$@" || code=$?
    ended_well
    [ "$code" = 0 ] || die "not all of the backup could be written: see whether the disk has room; the images are as they were."
    progress "checks every blob and every image"
    backup_tool ro check_restored >"$scratch/findings" || die "what was restored could not be checked; the images are as they were."
    [ ! -s "$scratch/findings" ] || {
        head -n 100 "$scratch/findings"
        [ -n "${option_damaged:-}" ] ||
            die "$(wc -l <"$scratch/findings" | tr -d ' ') things in the backup are damaged, and stand above; the images are as they were. Take another snapshot, or this one all the same with --damaged."
        warned "what was restored is damaged: see 'nas-registry logs restore'"
    }
}

# switch_over: the registry's next start puts what is restored in the place of what is there (start.sh), and so does one after a
# crash.
switch_over() {
    backup_tool rw keep_old "$(new_name)-0"
    progress "the registry stops, and starts with what is restored"
    : >"$place/stopped"
    run_docker stop "$container_name" >/dev/null
    flush_cache
    backup_tool rw ready_to_switch
    if ! start_again; then
        run_docker stop "$container_name" >/dev/null || true
        flush_cache
        backup_tool rw put_back
        start_again || true
        die "the registry did not start with what is restored, and has again what it had: see 'docker logs $container_name'."
    fi
    backup_tool rw keep_old "$(new_name)"
}

# Of what was there before.
new_name() { echo ".nas-registry-before-$(date +%Y%m%d%H%M%S)"; }

# name_kept: the end of a sentence, about what restores have kept of what was there before.
name_kept() {
    kept=$(backup_tool ro list_kept) || {
        echo "; whether '$data_directory' also has what was there before could not be seen"
        return
    }
    names=
    for name in $kept; do names="$names${names:+ and }'$data_directory/$name'"; done
    echo "${names:+; what was there before is in $names, and can be deleted}"
}

start_again() {
    run_docker start "$container_name" >/dev/null && retry "${health_patience:-180}" is_healthy && rm -f "$place/stopped"
}

is_healthy() { [ "$(run_docker inspect --format '{{.State.Health.Status}}' "$container_name")" = healthy ]; }

# After a restore that was killed: a registry that was stopped starts, what was not complete goes, and what was there before is kept.
heal_restore() {
    if [ -e "$place/stopped" ]; then
        [ -z "$(of_ours "$container_name")" ] || run_docker start "$container_name" >/dev/null
        rm -f "$place/stopped"
    fi
    if [ -e "$place/restoring" ] && [ -n "$restic_image" ]; then
        # It waits for the start of the registry, which switches over.
        ! retry 10 backup_tool rw settle "$(new_name)" || rm -f "$place/restoring"
    fi
}

# What is said of one that failed or was interrupted.
put_down_restore() { [ ! -d "$place/staging" ] || sentence="$sentence$(name_kept)"; }

# restore_missing: what a verification has put aside, or a disk has lost.
restore_missing() {
    bring bring_missing "$snapshot"
    if [ -n "${option_dry_run:-}" ]; then
        found=$(backup_tool ro count_missing)
        said "would bring $found blobs back"
        return
    fi
    found=$(backup_tool rw add_missing)
    said "brought $found blobs back that the registry lacked; what the backup lacks, too, is named by 'nas-registry verify'"
}

# restore_repository NAME: into the registry that runs, as pushes would.
restore_repository() {
    case $1 in *[!a-z0-9._/-]* | *..* | /* | */ | '') die "'$1' is no name of a repository." ;; esac
    bring bring_repository "$snapshot" "$1"
    others=$(backup_tool ro other_tags "$1")
    others=$(echo "$others" | head -n 20 | tr '\n' ' ')
    [ -z "${others% }" ] || [ -n "${option_replace:-}" ] ||
        die "these tags of '$1' are another image in the registry than in the backup: ${others% }; delete them, or let those of the backup take their place with --replace."
    if [ -n "${option_dry_run:-}" ]; then
        said "would restore '$1' as of $snapshot_time"
        return
    fi
    backup_tool rw add_repository "$1"
    said "restored '$1' as of $snapshot_time; tags that it has got since are still there"
}

# A restore of a sample, which a registry that nobody else reaches serves, and from which all of the sample is pulled.
operation_rehearse() {
    prepare_backup
    find_snapshot
    echo "$snapshot" | write_file "$place/restoring" 600 "$me:$(id -g)"
    progress "restores images of up to $rehearsed repositories, which are drawn"
    code=0
    restic_tool rw rehearse_with "$snapshot" "$rehearsed" || code=$?
    ended_well
    make_scratch
    inside none ro "$(run_docker inspect --format '{{.Image}}' "$container_name")" /etc/distribution/start.sh \
        /bin/sh /etc/restic/inside.sh pull_sample >"$scratch/pulled" || die "what was restored from the backup of $snapshot_time cannot be pulled: see 'nas-registry logs $operation'."
    cat "$scratch/pulled"
    count=$(grep -c '^pulled ' "$scratch/pulled" || true)
    note images "$count"
    note snapshot_time "$snapshot_time"
    [ "$count" != 0 ] || warned "the backup of $snapshot_time has no image with a tag, so nothing was tried"
    [ "$count" = 0 ] || said "$count images of the backup of $snapshot_time were restored, and pulled from a registry"
}
