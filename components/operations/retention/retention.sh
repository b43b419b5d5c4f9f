# Retention: deletes tags by rules, by the registry's own API, as any client would. What they referred to goes with the next
# garbage collection.
#
# Values: retention_rules (lines for plan.awk), retention_apply ("": says only what it would delete), regctl_image, regctl_config,
#         plan_program (plan.awk), references_program (references.awk)
# Options: dry_run

operation_prune() {
    [ -n "$retention_rules" ] || die "there are no rules for tags: set operations.retention, and run 'up'."
    is_running "$container_name" || die "the registry '$container_name' does not run, so no tag was deleted: start it, and prune again."
    export LC_ALL=C
    make_scratch
    progress "reads when each tag was pushed"
    now=$(date +%s)
    retry 3 read_tags || die "the tags could not all be read, so none was deleted; the reason stands above."
    : >"$scratch/references"
    plan
    if [ "$going" != 0 ]; then
        progress "reads what the images refer to"
        retry 3 read_references || die "the images could not all be read, so no tag was deleted; the reason stands above."
        plan
    fi
    tags=$(grep -c '' "$scratch/tags" || true)
    note tags "$tags"
    note planned "$going"
    awk '$1 == "image" || $1 == "referrer" { print "  " $2 ":" $3 }' "$scratch/plan"
    too_much=$(sed -n '/^refused /{p;q;}' "$scratch/plan" | refusal)
    dry=${option_dry_run:-}
    [ -n "$retention_apply" ] || dry="; nothing is deleted until operations.retention.apply is true"
    if [ -n "$too_much" ]; then
        [ -n "$dry" ] || die "$too_much"
        warned "$too_much"
    elif [ "$going" = 0 ]; then
        said "all $tags tags stay"
    elif [ -n "$dry" ]; then
        said "would delete $going of $tags tags${dry#yes}"
    else
        delete_tags
        note deleted "$deleted"
        said "deleted $deleted of $tags tags; their space comes back with the next garbage collection"
    fi
}

# read_data FILE COMMAND [WORD...]: what it prints in the registry's container, by the registry's user, in the directory of the
# images, with a file as its input. Fails unless all of it is there. Names in it are the registry's, without blanks.
read_data() {
    file=$1
    shift
    in_data "$@" >"$file" && [ "$(tail -n 1 "$file")" = "end of data" ]
}

in_data() {
    # shellcheck disable=SC2016,SC2046
    run_docker exec $(interactive) "$container_name" sh -c '
        ! cd /var/lib/registry/docker/registry/v2/repositories 2>/dev/null || "$@" || exit 1
        echo "end of data"' sh "$@"
}

# Leaves in $scratch/tags and $scratch/revisions lines for plan.awk. A tag that a client deletes meanwhile is none.
read_tags() {
    read_data "$scratch/links" find . \( \( -name _layers -o -name _uploads \) ! -path '*/_manifests/*' -o \
        -path '*/_manifests/tags/*/index' \) -prune -o -type f \( -path '*/_manifests/tags/*/current/link' -o \
        -path '*/_manifests/revisions/sha256/*/link' \) -print </dev/null || return 1
    sed -n 's|^\./\([a-z0-9._/-]*\)/_manifests/revisions/sha256/\([0-9a-f]*\)/link$|revision \1 sha256:\2|p' \
        "$scratch/links" >"$scratch/revisions" || return 1
    sed -n '\|^\./[a-z0-9._/-]*/_manifests/tags/[A-Za-z0-9_][A-Za-z0-9_.-]*/current/link$|p' \
        "$scratch/links" >"$scratch/tag-links" || return 1
    read_data "$scratch/times" sh -c 'xargs -r stat -c "%n %Y %y" || :' <"$scratch/tag-links" || return 1
    read_data "$scratch/digests" sh -c 'xargs -r grep -H "" || :' <"$scratch/tag-links" || return 1
    # Of what was not read there is nothing any more.
    awk '
        FILENAME ~ /tag-links$/ { if (!($1 in dated && $1 in read)) print $1; next }
        FILENAME ~ /times$/ { dated[$1]; next }
        { sub(/:.*/, ""); read[$0] }
    ' "$scratch/times" "$scratch/digests" "$scratch/tag-links" >"$scratch/unread" || return 1
    # shellcheck disable=SC2016
    read_data "$scratch/unread-now" sh -c 'while read -r link; do [ ! -s "$link" ] || echo "$link"; done' <"$scratch/unread" &&
        [ "$(grep -c '' "$scratch/unread-now")" = 1 ] || return 1
    awk '
        { sub(/:sha256:/, " sha256:") }
        NF == 2 && $2 ~ /^sha256:[0-9a-f]*$/ && length($2) == 71 { digest[$1] = $2 }
        $1 in digest && $2 ~ /^[0-9]+$/ && length($2) < 13 && !seen[$1]++ {
            repository = tag = substr($1, 3)
            sub(/\/_manifests\/tags\/.*/, "", repository)
            sub(/.*\/_manifests\/tags\//, "", tag)
            sub(/\/current\/link$/, "", tag)
            fraction = $4
            if (!sub(/.*[.]/, "", fraction)) fraction = 0
            printf "tag %s n%012.0f-%09.0f %s %s %s\n", repository, 999999999999 - $2,
                999999999 - substr(fraction "000000000", 1, 9), tag, digest[$1], $2
        }' "$scratch/digests" "$scratch/times" >"$scratch/unsorted" && sort "$scratch/unsorted" >"$scratch/tags"
}

# What the images refer to of those repositories in which a tag goes. One whose file is gone refers to nothing.
read_references() {
    awk '
        FILENAME ~ /plan$/ { if (NF > 3) is_meant[$2] = 1; next }
        $2 in is_meant && !seen[$3]++ {
            hex = substr($3, 8)
            print "../blobs/sha256/" substr(hex, 1, 2) "/" hex "/data"
        }' "$scratch/plan" "$scratch/revisions" >"$scratch/blobs" || return 1
    # shellcheck disable=SC2016
    read_data "$scratch/references" sh -c 'xargs -r sh -c "for each; do [ ! -e \"\$each\" ] || echo \"\$each\"; done" sh |
        xargs -r awk "$1"' sh "$references_program" <"$scratch/blobs"
}

plan() {
    {
        echo "now $now" && echo "$retention_rules" && cat "$scratch/revisions" "$scratch/tags" &&
            sed '/^end of data$/d' "$scratch/references" && echo end
    } | awk "$plan_program" >"$scratch/plan" || : >"$scratch/plan"
    [ "$(tail -n 1 "$scratch/plan")" = end ] ||
        die "the rules could not be applied, so no tag was deleted: see whether the disk has room, and prune again."
    going=$(grep -cE '^(image|referrer) ' "$scratch/plan" || true)
}

refusal() {
    while read -r _ repository count all; do
        where="'$repository'"
        [ "$repository" != - ] || where="all repositories"
        echo "$count of $all tags of $where would go, more than operations.retention.maxShare, so none was deleted: look at them with 'nas-registry prune --dry-run', and set maxShare higher if that is meant."
    done
}

delete_tags() {
    deleted=0 changed=' ' shown=$now
    regclient_file config.json "$regctl_config"
    while read -r kind repository tag digest seconds <&3; do
        [ "$kind" != end ] || continue
        takes_deletes || die "the registry takes no deletes now; $deleted of $going tags were deleted: set deletes true and readOnly false."
        # What it is about may still be there.
        if [ "$kind" = referrer ]; then
            case $changed in *" $repository "*) continue ;; esac
        fi
        if [ "$(tag_now "$repository" "$tag")" != "$digest $seconds" ]; then
            progress "leaves $repository:$tag, which was pushed or deleted meanwhile"
            changed="$changed$repository "
            continue
        fi
        regclient "$regctl_image" tag delete "$regclient_authority/$repository:$tag" ||
            die "$repository:$tag could not be deleted, and $deleted of $going tags were; the reason stands above."
        deleted=$((deleted + 1))
        [ $(($(date +%s) - shown)) -lt 10 ] || {
            shown=$(date +%s)
            progress "has deleted $deleted of $going tags"
        }
    done 3<"$scratch/plan"
}

# tag_now REPOSITORY TAG: its digest, and when it was pushed.
tag_now() {
    # shellcheck disable=SC2016
    in_data sh -c 'cd "$1/_manifests/tags/$2/current" && echo "$(cat link) $(stat -c %Y link)"' sh "$1" "$2" </dev/null 2>/dev/null |
        sed -n '1{/^sha256:/p;}'
}

# Where deletes are refused regctl would push an empty image in a tag's place, to delete that.
takes_deletes() {
    [ ! -e "$writes" ] && [ "$(enabled delete)" = enabled:true ] && [ "$(enabled readonly)" = enabled:false ]
}

# enabled KEY: of config.yml
enabled() { sed -n "/^ *$1:\$/{n;s/ //gp;}" "$control_directory/registry/config.yml"; }
