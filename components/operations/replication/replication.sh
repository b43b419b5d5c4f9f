# Replication: copies to another registry what it does not have yet, by regsync, which deletes nothing there.
#
# Values: replication_target (host:port, "" without one), replication_limit (seconds), regsync_config, regsync_image, regctl_config,
#         regctl_image
# Options: dry_run

operation_replicate() {
    [ -n "$replication_target" ] || die "there is no registry to copy to: set operations.replication, and run 'up'."
    is_running "$container_name" || die "the registry '$container_name' does not run, so nothing was copied: start it, and replicate again."
    make_scratch
    regclient_file config.json "$regctl_config"
    regclient_file regsync.yml "$regsync_config"
    progress "asks whether $replication_target is there"
    # Of a target that is down regsync would find out anew for each tag.
    within 60 regclient "$regctl_image" repo ls --limit 1 "$replication_target" >/dev/null ||
        die "the replica $replication_target does not answer as it should, so nothing was copied: see whether it runs, and whether operations.replication.target has its user and certificate; the reason stands above."
    progress "compares the tags with those of $replication_target"
    kind=once code=0
    [ -z "${option_dry_run:-}" ] || kind=check
    : >"$scratch/log"
    meanwhile=goes_on
    within "$replication_limit" synchronize "$kind" || code=$?
    grep -v 'level=INFO' "$scratch/log" || true
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

synchronize() {
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

goes_on() { progress "has begun to copy $(count 'msg="Image sync needed"') tags"; }
