# What the images refer to, and whether it is there (see inside.sh).

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
    if (match($0, /\\+$/) && RLENGTH % 2) { text = text "\""; next } # An odd number of backslashes: the mark belongs to the text.
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
        if (manifest[fault] !~ /^tag-/) print "lacking", repository "@sha256:" manifest[fault]
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
# of the repository leads nowhere; and "lacking REPOSITORY@DIGEST" for the manifest that is at fault.
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
