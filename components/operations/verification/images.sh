# What verification does with the images, in a container that has nothing else: a shell and the small tools of the registry's image.
# Somebody may have put anything into the directory: what has no name of distribution's is left alone, no link is followed, and
# nothing but a file is opened.
#
# Words:  read AFTER SECONDS RATE   reads every blob behind the digest AFTER ("": all), for SECONDS at most (0: to the end), RATE bytes
#                                   a second at most (0: any)
#         again                     reads the blobs on standard input twice more
#         aside                     puts those on standard input aside
#         images SPARSE             which images lack something; on standard input what is damaged and still in its place
set -eu
export LC_ALL=C
newline='
'

is_hex() {
    [ ${#1} = 64 ] || return 1
    case $1 in *[!0-9a-f]*) return 1 ;; esac
}
# find_blob HEX: sets $blob to the path of a blob.
find_blob() {
    blob=${1#??}
    blob=blobs/sha256/${1%"$blob"}/$1/data
}
is_blob() { is_hex "$1" && find_blob "$1" && is_anything "$blob"; }
is_file() { [ -f "$1" ] && [ ! -h "$1" ]; }
is_anything() { [ -e "$1" ] || [ -h "$1" ]; }

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

# there HEX: whether the blob is there, and whole as far as is known; otherwise $lack says what it is.
there() {
    find_blob "$1"
    case $damaged in
    *"$1"*) lack="damaged sha256:$1" ;;
    *)
        ! is_file "$blob" || return 0
        lack="missing sha256:$1"
        ! is_anything "../damaged-$1" || lack="damaged sha256:$1"
        ;;
    esac
    return 1
}

# leads_to LINK: sets $hex to the digest that a link of distribution's holds, unless it holds none.
leads_to() {
    is_file "$1" && [ -r "$1" ] || return 1
    hex=
    read -r hex <"$1" || true
    case $hex in
    sha256:*) hex=${hex#sha256:} && is_hex "$hex" ;;
    *) false ;;
    esac
}

# A manifest is split at its quotation marks: what is between two of them is a text, or what stands between texts. Prints of each
# descriptor of an image the manifest that names it, config, layers or manifests, its digest, and "elsewhere" where it has URLs.
# Annotations, embedded data, and a subject, which need not be there, are none of them.
descriptors='
function at_descriptor() { return depth == (key[1] == "config" ? 2 : key[1] ~ /^(layers|manifests)$/ ? 3 : -1) }
function begin() { depth++; key[depth] = ""; if (at_descriptor()) digest = elsewhere = "" }
function end() {
    if (at_descriptor() && digest ~ /^sha(256|384|512):[0-9a-f]+$/) print manifest, key[1], digest, elsewhere
    depth--
}
function value() {
    if (at_descriptor() && key[depth] == "digest") digest = text
    depth--
    if (at_descriptor() && key[depth] == "urls") elsewhere = "elsewhere"
    depth++
}
BEGIN { RS = "\"" }
FNR == 1 { n = split(FILENAME, part, "/"); manifest = part[n - 1]; depth = is_text = was_text = 0 }
is_text {
    text = text $0
    # An odd number of backslashes: the quotation mark belongs to the text.
    if (match($0, /\\+$/) && RLENGTH % 2) { text = text "\""; next }
    is_text = 0
    was_text = 1
    next
}
{
    gsub(/[^][{}:,]/, "")
    if (was_text && !/^:/) value()
    for (i = 1; i <= length($0); i++) {
        c = substr($0, i, 1)
        if (c == ":") key[depth] = text
        else if (c == "{" || c == "[") begin()
        else if (c == "}" || c == "]") end()
    }
    is_text = 1
    was_text = 0
    text = ""
}'

# The lines of check_repository become "broken IMAGE WHAT DIGEST", an image being each tag that leads to the manifest, by an index as
# well, or the manifest's digest where there is none.
images='
function blame(one,   list, n, i) {
    if ((fault, one) in seen) return
    seen[fault, one]
    n = split(tags[one], list, " ")
    for (i = 1; i <= n; i++) print "broken", repository ":" list[i], why[fault]
    found += n
    n = split(parents[one], list, " ")
    for (i = 1; i <= n; i++) blame(list[i])
}
$1 == "tag" { tags[$3] = tags[$3] " " $2 }
$1 == "index" { parents[$3] = parents[$3] " " $2 }
$1 == "fault" { manifest[++faults] = $2; why[faults] = $3 " " $4 }
END {
    for (fault = 1; fault <= faults; fault++) {
        found = 0
        blame(manifest[fault])
        if (!found) print "broken", repository "@sha256:" manifest[fault], why[fault]
    }
}'

# check_repository PATH: prints "tag TAG MANIFEST", "index INDEX MANIFEST", "fault MANIFEST WHAT DIGEST". What was deleted meanwhile is no
# fault.
check_repository() {
    for link in "$1"/_manifests/tags/*/current/link; do
        tag=${link%/current/link}
        tag=${tag##*/}
        case $tag in
        "" | [.-]* | *[!A-Za-z0-9._-]*) ;;
        *)
            if leads_to "$link"; then
                echo "tag $tag $hex"
                is_file "$1/_manifests/revisions/sha256/$hex/link" || ! leads_to "$link" || echo "fault $hex unlinked sha256:$hex"
            elif is_anything "$link"; then
                echo "tag $tag tag-$tag${newline}fault tag-$tag unlinked $tag"
            fi
            ;;
        esac
    done
    for link in "$1"/_manifests/revisions/sha256/*/link; do
        manifest=${link%/link}
        manifest=${manifest##*/}
        if ! is_hex "$manifest" || ! is_anything "$link"; then continue; fi
        if ! leads_to "$link" || [ "$hex" != "$manifest" ]; then
            echo "fault $manifest unlinked sha256:$manifest"
        elif ! there "$manifest"; then
            echo "fault $manifest $lack"
        else
            echo "$blob" >&3
        fi
    done 3>&1 1>&4 | xargs -r awk "$descriptors" | check_descriptors "$1"
}

# check_descriptors REPOSITORY: of what its manifests name, on standard input.
check_descriptors() {
    while read -r manifest kind digest elsewhere; do
        # The path of what another algorithm names is of that, and the blob's own is sha256.
        hex=${digest#sha256:} link=$1/_layers/${digest%%:*}/${digest#*:}/link fault=
        if [ "$kind" = manifests ]; then
            echo "index $manifest $hex"
            # BuildKit's indexes of a cache name layers.
            there "$hex" || { [ -n "$sparse" ] && ! is_anything "$link" && ! is_anything "$1/_manifests/revisions/sha256/$hex/link"; } ||
                fault=$lack
        elif leads_to "$link"; then
            there "$hex" || fault=$lack
        elif [ -z "$elsewhere" ] || is_anything "$link"; then
            fault="unlinked $digest"
            case $digest in sha256:*) there "${digest#*:}" || fault=$lack ;; esac
        fi
        [ -z "$fault" ] || ! is_anything "$1/_manifests/revisions/sha256/$manifest/link" || echo "fault $manifest $fault"
    done
}

# Prints "broken IMAGE WHAT DIGEST" for what cannot be pulled whole: "damaged" or "missing" and a blob's digest, or "unlinked" and what
# of the repository leads nowhere.
check_images() {
    sparse=$1 damaged=$(cat)
    { find repositories \( -name _layers -o -name _uploads \) -prune -o -type d -name _manifests -prune -print 2>/dev/null || echo "- repositories"; } |
        while read -r repository; do
            repository=${repository%/_manifests}
            name=${repository#repositories/}
            case $repository in
            "- repositories") echo "unread repositories" ;;
            repositories/*[!a-z0-9._/-]* | */[!a-z0-9]*) ;;
            repositories/?*) check_repository "$repository" 4>&1 </dev/null | awk -v repository="$name" "$images" ;;
            esac
        done
}

# What is missing here must not look as if blobs were.
for tool in awk dd find ls sed sha256sum stat sync xargs; do
    command -v "$tool" >/dev/null || { echo "nas-registry: the registry's image has no '$tool'." >&2 && exit 1; }
done
# Where nothing was pushed yet there is nothing.
v2=/var/lib/registry/docker/registry/v2
if is_anything "$v2"; then
    cd "$v2"
    case $1 in
    read) list_blobs "$2" | read_blobs "$2" "$3" "$4" ;;
    again) read_again ;;
    aside) put_aside ;;
    images) check_images "$2" ;;
    esac
elif [ "$1" = read ]; then
    echo "mark - 0 0${newline}end"
fi
