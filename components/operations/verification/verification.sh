# Verification: every blob against its digest, and what every tag, manifest and link leads to. A round reads each blob once, in the
# order of the digests, so that the last of them is all that a run must know to go on; inside.sh does it, in a container.
#
# Values: verify_rate (bytes a second, 0: any), verify_hours (FROM-TO), verify_days (from round to round), verify_program (inside.sh),
#         sparse_indexes ("yes" when an index may name images that were never pushed)
# Options: dry_run (nothing is put aside or remembered), all (a new round), scheduled

operation_verify() {
    [ -n "$data_directory" ] || die "the images are in an object store, which checks by itself what it keeps; there is nothing on this NAS to verify."
    make_scratch
    : >"$scratch/suspects" && : >"$scratch/unread" && : >"$scratch/damaged"
    verified=$place/verified
    [ -z "${option_dry_run:-}" ] || verified=$scratch/verified
    recall_round
    [ -z "${option_all:-}" ] || round_began=''
    seconds=0
    if [ -n "${option_scheduled:-}" ]; then
        seconds=$(seconds_left)
        if [ "$seconds" = 0 ]; then
            said "it is not between ${verify_hours%-*} and ${verify_hours#*-} o'clock; goes on when it is"
            return
        fi
    fi
    how=
    ! round_is_due || read_on
    judge_suspects
    in_images ro images "$sparse_indexes" <"$scratch/damaged" >"$scratch/images" ||
        die "the images could not be looked through: the container for it ended early; the next run does it again."
    conclude
}

# in_images ro|rw WORD...: inside.sh in the registry's own image.
in_images() {
    access=$1
    shift
    image=$(run_docker inspect --format '{{.Image}}' "$container_name") ||
        die "the registry's container '$container_name' is gone, and with it the image that has the tools: run 'up'."
    data_tool none "$access" "$image" /etc/distribution/start.sh sh -c "$verify_program" sh "$@"
}

# seconds_left: of the hours in which a scheduled run reads.
seconds_left() {
    awk -v hours="$verify_hours" -v now="$(date '+%H %M %S')" 'BEGIN {
        split(hours, hour, "-"); split(now, at, " "); day = 86400
        long = ((hour[2] - hour[1]) * 3600 + day - 1) % day + 1
        gone = (at[1] * 3600 + at[2] * 60 + at[3] - hour[1] * 3600 + day) % day
        print (long > gone ? long - gone : 0)
    }'
}

# What is remembered from run to run is one file, written as a whole: where the round is, and which blobs did not match so far.

remembered() { sed -n "s/^$1=//p" "$verified" 2>/dev/null || true; }

recall_round() {
    round_began=$(remembered round_began) last_round=$(remembered last_round) after=$(remembered after)
    blobs=$(remembered blobs) bytes=$(remembered bytes)
    remembered suspect >"$scratch/suspects"
}

remember_round() {
    {
        printf '%s=%s\n' round_began "$round_began" last_round "$last_round" after "$after" blobs "$blobs" bytes "$bytes"
        sed 's/^/suspect=/' "$scratch/suspects"
    } | write_file "$verified" 600 "$result_owner"
}

# Somebody who asks for it is not told to wait. An hour less: the scheduler is not exact.
round_is_due() {
    [ -n "$round_began" ] || [ -z "${option_scheduled:-}" ] ||
        [ $(($(date +%s) - ${last_round:-0})) -ge $((verify_days * 86400 - 3600)) ]
}

read_on() {
    [ -n "$round_began" ] || { round_began=$(date +%s) && after='' blobs=0 bytes=0; }
    progress "reads every blob${after:+ that is not read yet}, and compares it with its digest"
    { in_images ro read "$after" "$seconds" "$verify_rate" || echo failed; } </dev/null | follow
    how=$(cat "$scratch/how")
    # The pipe's reader was a shell of its own.
    recall_round
    [ "$how" != failed ] || die "the container that reads the blobs ended early; the next run goes on behind the last that was read."
}

# follow: what the reader says, on standard input.
follow() {
    before=$blobs bytes_before=$bytes how=failed
    while read -r what name count size; do
        how=$what
        case $what in
        suspect) echo "$name" >>"$scratch/suspects" ;;
        unread) echo "$name" >>"$scratch/unread" ;;
        mark)
            [ "$name" = - ] || after=$name
            blobs=$((before + count)) bytes=$((bytes_before + size))
            remember_round
            [ -z "$after" ] || progress "$((0x$(echo "$after" | cut -c 1-3) * 100 / 4096)) % read: $(checked)"
            ;;
        end)
            last_round=$round_began round_began='' after=''
            remember_round
            ;;
        esac
    done
    echo "$how" >"$scratch/how"
}

checked() { echo "$blobs blobs, $(in_units "$bytes")"; }
lines_of() { echo "$(($(wc -l <"$1")))"; }

# What did not match is read again, and only what is wrong each time is damaged.
judge_suspects() {
    [ -s "$scratch/suspects" ] || return 0
    progress "reads again what did not match its digest: $(lines_of "$scratch/suspects")"
    in_images ro again <"$scratch/suspects" >"$scratch/again" ||
        die "what did not match its digest could not be read again: the container for it ended early; the next run does it."
    ! grep -q '^unsteady' "$scratch/again" ||
        die "$(grep -c '^unsteady' "$scratch/again") blobs give something else each time they are read, so nothing was put aside: test the memory and the disks of the NAS, and verify again."
    sed -n 's/^damaged //p' "$scratch/again" | sort -u >"$scratch/damaged"
    if [ -n "${option_dry_run:-}" ]; then
        return
    elif [ -s "$scratch/damaged" ]; then
        is_running "$container_name" ||
            die "the registry '$container_name' does not run, so $(lines_of "$scratch/damaged") damaged blobs were not put aside: start it, and verify again."
        put_aside
    fi
    : >"$scratch/suspects"
    remember_round
}

# Distribution writes no blob whose file is there, so the next push of it heals only what was taken away. The cache would still vouch
# for it: a client that asks is told that the blob is there, and pushes a manifest that lacks it. So pushes are refused from before the
# first blob goes until the cache has forgotten it, which takes seconds. Whoever asked before is told at the manifest that it is unknown, and
# pushes again. A cache in the registry's own memory forgets by that, too; and when this program is killed in between, the pushes that
# are still refused tell the next one to flush the cache.
put_aside() {
    block_writes
    in_images rw aside <"$scratch/damaged" >"$scratch/aside" ||
        die "damaged blobs could not be put aside: see whether the disk has room and can be written, and verify again."
    open_writes
    progress "put aside, below docker/registry/ of the data directory: $(lines_of "$scratch/aside")"
    mv "$scratch/damaged" "$scratch/put_aside"
    : >"$scratch/damaged"
}

# conclude: the result, of lines "broken IMAGE WHAT DIGEST" and "unread PATH".
conclude() {
    sed -n 's/^unread //p' "$scratch/images" >>"$scratch/unread"
    sed -n 's/^broken //p' "$scratch/images" | sort -u >"$scratch/broken"
    awk '{ print $1 " cannot be pulled whole: " $3 " is " $2 }' "$scratch/broken"
    sed 's/$/ cannot be read/' "$scratch/unread"
    awk '{ print $1 }' "$scratch/broken" | sort -u >"$scratch/names"
    damaged=$({ cat "$scratch/damaged" "$scratch/put_aside" 2>/dev/null; sed -n 's/.* damaged sha256://p' "$scratch/broken"; } | sort -u | grep -c . || true)
    missing=$(awk '$2 != "damaged" { print $3 }' "$scratch/broken" | sort -u | grep -c . || true)
    unread=$(lines_of "$scratch/unread") broken=$(lines_of "$scratch/names")
    note damaged "$damaged"
    note blobs_checked "${blobs:-0}"
    note bytes_checked "${bytes:-0}"
    note round_complete "$([ -n "$round_began" ] && echo no || echo yes)"
    note missing "$missing"
    note unread "$unread"
    note broken_images "$broken"
    if [ $((damaged + missing + unread)) -gt 0 ]; then
        warned "damaged blobs: $damaged, missing: $missing, not readable: $unread; $(broken_images)"
    elif [ "$how" = stopped ]; then
        said "all is whole so far, $(checked); goes on with the next run"
    else
        said "no image lacks anything; read against their digests: $(checked)"
    fi
}

broken_images() {
    case $broken in
    0) echo "no image needs them" ;;
    *) echo "images that cannot be pulled whole until they are pushed again or restored: $broken, $(sed 5q "$scratch/names" | tr '\n' ' ')$([ "$broken" -le 5 ] || echo "and others")" ;;
    esac
}
