# Replication: copies to another registry what it does not have yet, by regsync, which deletes nothing there; and brings back from
# there what images here lack.
#
# Values: replication_target (host:port, "" without one), replication_limit (seconds), replication_step (of regsync, JSON),
#         regsync_hosts (JSON), regsync_image, regctl_config, regctl_image
# Options: dry_run

operation_replicate() {
    reach_replica
    progress "compares the tags with those of $replication_target"
    kind=once
    [ -z "${option_dry_run:-}" ] || kind=check
    synchronize "$kind" "$replication_step"
    # shellcheck disable=SC2046
    set -- $(counted)
    note needed "$1"
    note failed "$3"
    if [ "$code" = 124 ]; then
        warned "copied at most $2 of $1 tags to $replication_target, and was ended after operations.replication.timeout; the next run goes on"
    elif [ "$3" != 0 ]; then
        die "$3 tags could not be copied to $replication_target, and $2 were; the reasons stand above, and the next run tries again."
    elif [ "$code" != 0 ] && [ "$(count 'level=ERROR')" != "$(count "$without_tags")" ]; then
        die "not all tags could be compared with those of $replication_target; the reasons stand above."
    elif [ "$kind" = check ]; then
        said "would copy $1 tags to $replication_target"
    else
        note copied "$2"
        said "copied $2 tags to $replication_target"
    fi
}

# reach_replica: whether the target answers.
reach_replica() {
    [ -n "$replication_target" ] || die "there is no replica: set operations.replication, and run 'up'."
    is_running "$container_name" || die "the registry '$container_name' does not run, so nothing was copied: start it, and try again."
    make_scratch
    regclient_file config.json "$regctl_config"
    progress "asks whether $replication_target is there"
    # Of a target that is down regsync would find out anew for each tag.
    within 60 regclient "$regctl_image" repo ls --limit 1 "$replication_target" >/dev/null ||
        die "the replica $replication_target does not answer as it should, so nothing was copied: see whether it runs, and whether operations.replication.target has its user and certificate; the reason stands above."
}

# restore_from_replica: each image that lacks something is pushed again as the replica has it, by its digest: tags stay as they are.
restore_from_replica() {
    reach_replica
    find_lacking
    lacked=$(lines_of "$scratch/lacking")
    if [ "$lacked" = 0 ]; then
        said "no image lacks anything; what is damaged in its place is found by 'nas-registry verify'"
        return
    fi
    if [ -n "${option_dry_run:-}" ]; then
        sed "s/$/ lacks something/" "$scratch/lacking"
        said "would ask $replication_target for what $lacked images lack"
        return
    fi
    # A cache vouches for what a disk has lost since it was asked.
    block_writes
    open_writes
    progress "copies from $replication_target what $lacked images lack"
    synchronize once "$(awk -v from="$replication_target/" -v to="$regclient_authority/" '{
        printf "%s{\"type\":\"image\",\"source\":\"%s\",\"target\":\"%s\",\"forceRecursive\":true}", (NR > 1 ? "," : ""), from $0, to $0
    }' "$scratch/lacking")"
    find_lacking
    left=$(lines_of "$scratch/lacking")
    sed "s/$/ still lacks something/" "$scratch/lacking"
    note healed "$((lacked - left))"
    note broken_images "$left"
    if [ "$left" = 0 ]; then
        said "brought back from $replication_target what $lacked images lacked"
    else
        warned "$left of $lacked images still lack something that $replication_target does not have, or that could not be copied; the reasons stand above: push them again, or run 'nas-registry restore --missing'"
    fi
}

# find_lacking: writes REPOSITORY@DIGEST of each to $scratch/lacking.
find_lacking() {
    in_images ro images "$sparse_indexes" </dev/null >"$scratch/images" ||
        die "the images could not be looked through: the container for it ended early; run it again."
    sed -n 's/^lacking //p' "$scratch/images" | sort -u >"$scratch/lacking"
}

# synchronize once|check STEPS: by regsync; sets $code to how it ended, and shows what it did not do.
synchronize() {
    regclient_file regsync.yml "version: 1${newline}defaults: {skipDockerConfig: true}${newline}creds: $regsync_hosts${newline}sync: [$2]"
    : >"$scratch/log"
    code=0 meanwhile=goes_on
    within "$replication_limit" run_regsync "$1" || code=$?
    grep -v 'level=INFO' "$scratch/log" || true
}

run_regsync() {
    regclient "$regsync_image" "$1" --config /etc/regclient/regsync.yml >"$scratch/log" 2>&1
}

# What the registry says of a repository in which nothing has a tag.
without_tags='msg="Failed getting source tags".*not found'

count() { grep -c "$1" "$scratch/log" || true; }

# How many tags had to be copied, how many of them were, and how many were not.
counted() {
    awk '
        !match($0, / source=[^ ]+/) { next }
        { name = substr($0, RSTART, RLENGTH) }
        /msg="Image sync needed"/ && !(name in needed) { needed[name]; all++ }
        /msg="Failed to sync"/ && !(name in failed) { failed[name]; bad++ }
        END { for (name in needed) if (!(name in failed)) good++; print all + 0, good + 0, bad + 0 }' "$scratch/log"
}

goes_on() { progress "has begun with $(count 'msg="Image [rs]') images"; }
