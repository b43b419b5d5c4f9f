# The blobs: reading them, again where one is wrong, and putting aside what is damaged (see inside.sh).

# clock: sets $now, in hundredths of a second.
clock() {
    read -r now _ </proc/uptime
    now=${now%.*}${now#*.}
}

# pace BYTES: waits until the time is over that what was read since it waited last may take, a second's worth at least.
unpaced=0 paced=0
pace() {
    [ "$rate" != 0 ] || return 0
    unpaced=$((unpaced + $1))
    [ "$unpaced" -ge "$rate" ] || return 0
    while clock && [ $((now - paced)) -lt $((unpaced * 100 / rate)) ]; do sleep 0.1 2>/dev/null || sleep 1; done
    paced=$now unpaced=0
}

# slowly SIZE: standard input, a second's worth at a time.
slowly() {
    clock
    paced=$now unpaced=0 left=$1
    while [ "$left" -gt 0 ]; do
        dd bs=65536 count=$((rate / 65536)) 2>/dev/null || return 1
        pace "$rate"
        left=$((left - rate))
    done
}

# hash_of COMMAND...: sets $hash to the SHA-256 of what it prints, which is not even one when it fails.
hash_of() {
    hash=$({ { "$@" || echo "-" >&3; } | sha256sum; } 3>&1) || hash=-
    hash=${hash%%[ "$newline"]*}
}

# list_blobs AFTER: size and path of each blob, in the order of the digests, "- PATH" for what cannot be listed, and at the end "- -".
# Of a directory's names those are blobs that distribution would find; 123 is that one of them has no data.
list_blobs() {
    ls blobs/sha256 >/dev/null 2>&1 || echo "- blobs/sha256"
    for prefix in blobs/sha256/[0-9a-f][0-9a-f]; do
        if [ ! -d "$prefix" ] || [ -h "$prefix" ]; then continue; fi
        names=$(ls -- "$prefix" 2>/dev/null) || echo "- $prefix"
        printf '%s\n' "$names" | awk -v prefix="$prefix/" -v after="$1" '
            /^[0-9a-f]+$/ && length($0) == 64 && index(prefix, "/" substr($0, 1, 2) "/") && $0 "" > after "" { print prefix $0 "/data" }' |
            xargs -r stat -c '%s %n' 2>/dev/null || [ $? = 123 ] || exit 1
    done
    echo "- -"
}

# Prints "suspect HEX", "unread PATH", at most every ten seconds and at the end "mark HEX BLOBS BYTES", then "end" or "stopped".
# Of a round that goes on nothing but the last digest is needed: what came before it since is for the next round.
read_blobs() {
    last=${1:--} seconds=$2 rate=$3 blobs=0 bytes=0
    clock
    start=$now marked=$now paced=$now
    while read -r size file; do
        name=${file%/data}
        name=${name##*/}
        if [ "$file" != - ] && [ "$seconds" != 0 ] && clock && [ $((now - start)) -ge $((seconds * 100)) ]; then
            echo "mark $last $blobs $bytes${newline}stopped"
            return
        fi
        if [ "$file" = - ]; then
            echo "mark $last $blobs $bytes${newline}end"
            return
        elif [ "$size" = - ]; then
            echo "unread $file"
            continue
        elif ! is_file "$file"; then
            echo "suspect $name"
            size=0
        elif [ ! -r "$file" ]; then
            echo "unread $file"
        else
            if [ "$rate" != 0 ] && [ "$size" -gt "$rate" ]; then
                hash_of slowly "$size" <"$file"
                clock
                paced=$now unpaced=0
            else
                # Most are small: a process less for each.
                hash=$(sha256sum <"$file" 2>/dev/null) || hash=-
                hash=${hash%% *}
                pace "$size"
            fi
            [ "$hash" = "$name" ] || echo "suspect $name"
        fi
        last=$name blobs=$((blobs + 1)) bytes=$((bytes + size))
        clock
        [ $((now - marked)) -lt 1000 ] || { marked=$now && echo "mark $last $blobs $bytes"; }
    done
    return 1
}

# A blob is damaged when two more readings, by the disk and not by the memory of the kernel where the file system can do that, are both
# wrong and the same, or both fail, as those of a file system with checksums of its own do. What differs from reading to reading is no
# fault of the file. Prints "damaged", "whole" or "unsteady" and the digest.
read_again() {
    while read -r name; do
        is_blob "$name" || continue
        first=- hash=-
        if is_file "$blob"; then
            direct=iflag=direct
            dd if="$blob" of=/dev/null bs=65536 count=1 "$direct" 2>/dev/null || direct=iflag=fullblock
            hash_of dd if="$blob" bs=65536 "$direct" 2>/dev/null
            first=$hash
            hash_of dd if="$blob" bs=65536 "$direct" 2>/dev/null
        fi
        case $hash in
        "$name") echo "whole $name" ;;
        "$first") echo "damaged $name" ;;
        *) echo "unsteady $name" ;;
        esac
    done
}

# Nothing of distribution's walks outside of v2, and a rename within a file system is all or nothing. What was put there is kept.
put_aside() {
    while read -r name; do
        is_blob "$name" || continue
        aside=../damaged-$name
        while is_anything "$aside"; do aside=$aside.again; done
        mv "$blob" "$aside"
        echo "aside $name"
    done
    sync
}
