# Garbage collection by distribution's own collector, which must not run beside pushes, and after which a descriptor cache would
# still vouch for what is gone.
#
# Values: collect_options (for the collector), untagged_pairs (images times tags of a repository that are not too many for
#         --delete-untagged), upload_patience (seconds)
# Options: dry_run

operation_gc() {
    is_running "$container_name" || die "the registry '$container_name' does not run, so nothing was collected: start it, and collect again."
    too_large=
    [ -z "$collect_options" ] || spare_large
    collect_garbage
    [ -z "$too_large" ] || warned "$sentence; images without a tag stay, since beside the many tags of '$too_large' the collector would take too long and too much memory to find them: let operations.retention delete tags there."
}

# spare_large: sets $too_large to a repository in which the collector must not look for images without a tag, and then it does nowhere.
spare_large() {
    # shellcheck disable=SC2016
    too_large=$(in_registry sh -c '
        cd /var/lib/registry/docker/registry/v2/repositories 2>/dev/null || exit 0
        find . \( -name _uploads -o -name _layers \) -prune -o \
            \( -path "*/_manifests/revisions/sha256/*" -o -path "*/_manifests/tags/*" \) -prune -print' |
        awk -v most="$untagged_pairs" '
            { at = index($0, "/_manifests/"); name = substr($0, 3, at - 3) }
            substr($0, at + 12, 5) == "tags/" { tags[name]++; next }
            { images[name]++ }
            END { for (name in images) if (images[name] * tags[name] > most) { print name; exit } }') ||
        die "the registry's repositories could not be looked at, so nothing was collected."
    [ -z "$too_large" ] || collect_options=
}

collect_garbage() {
    make_scratch
    collect --dry-run
    if ! grep -qE '^(blob|manifest) eligible' "$scratch/collected"; then
        said "there was nothing to collect"
        return
    fi
    sizes_of_blobs >"$scratch/sizes"
    if [ -n "${option_dry_run:-}" ]; then
        said "would free $(freed)"
        return
    fi
    wait_for_uploads
    block_writes
    collect
    flush_cache
    open_writes
    [ -z "$data_directory" ] || note freed_bytes "$(freed_bytes)"
    said "freed $(freed)"
}

# collect [--dry-run]: leaves in $scratch/collected what the collector said that it deletes, or would.
collect() {
    progress "the collector looks for what no tag or image refers to${1:+, and deletes nothing yet}"
    # shellcheck disable=SC2086,SC2016
    in_registry sh -c '
        { registry garbage-collect "$@" /etc/distribution/config.yml 2>&1; echo "ended: $?"; } |
            grep -E "eligible for deletion|^ended: |^failed|panic|error:"' sh "$@" $collect_options >"$scratch/collected" ||
        die "the registry's container ended while garbage was collected; the next run goes on."
    case $(tail -n 1 "$scratch/collected") in
    "ended: 0") ;;
    # Nothing was pushed yet.
    *) grep -q '^failed.*Path not found: /docker/registry/v2/repositories' "$scratch/collected" ||
        die "the collector failed: $(grep -m 1 -E '^failed|panic|error:' "$scratch/collected" || tail -n 1 "$scratch/collected")" ;;
    esac
}

# Digest and bytes of each blob in $scratch/collected, as far as it is a file of the NAS.
sizes_of_blobs() {
    sed -n 's|^blob eligible.*sha256:\(\(..\).*\)|/var/lib/registry/docker/registry/v2/blobs/sha256/\2/\1/data|p' "$scratch/collected" \
        >"$scratch/files"
    # shellcheck disable=SC2046
    { run_docker exec $(interactive) "$container_name" xargs stat -c '%n %s' 2>/dev/null || true; } <"$scratch/files" |
        sed 's|.*/\([0-9a-f]*\)/data |sha256:\1 |'
}

# Of the blobs in $scratch/collected.
freed_bytes() {
    awk 'NR == FNR { size[$1] = $2; next } /^blob eligible/ { sum += size[$NF] } END { printf "%.0f\n", sum }' \
        "$scratch/sizes" "$scratch/collected"
}

freed() {
    echo "${data_directory:+$(in_units "$(freed_bytes)"): }$(grep -c '^blob eligible' "$scratch/collected" || true) blobs and" \
        "$(grep -c '^manifest eligible' "$scratch/collected" || true) manifests that nothing refers to"
}

# Of an upload the blobs are there before the manifest that refers to them. One that is under way is given its time.
wait_for_uploads() {
    remaining=$upload_patience
    while [ "$remaining" -gt 0 ] && uploads_go_on; do
        [ $((remaining % 60)) != 0 ] || progress "waits for uploads to end, at most $remaining seconds more"
        sleep 5
        remaining=$((remaining - 5))
    done
}

# Whether something was uploaded in the last minute; of images that are kept elsewhere nothing is known.
uploads_go_on() {
    # shellcheck disable=SC2016
    [ -n "$(in_registry sh -c 'cd /var/lib/registry/docker/registry/v2/repositories 2>/dev/null || exit 0
        find . \( -name _layers -o -name _manifests \) -prune -o -path "*/_uploads*" -mmin -1 -print | head -n 1')" ]
}
