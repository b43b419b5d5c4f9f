# Goes on where backup/inside.sh ends.
set -eu

# What is restored is made in the data directory, where nobody else can reach it, and a rename is enough to put it in its place.
made=/var/lib/registry/.nas-registry-restored

discard() { rm -rf "$made"; }

free_bytes() {
    df -kP /var/lib/registry >/tmp/free
    awk 'NR == 2 { printf "%.0f\n", $4 * 1024 }' /tmp/free
}

# holds_images: prints one of its tags, if there is any.
holds_images() {
    [ -e "/var/lib/registry/$v2/repositories" ] || return 0
    find "/var/lib/registry/$v2/repositories" -path '*/_manifests/tags/*/current/link' >/tmp/tags || [ -s /tmp/tags ] ||
        refuse "it could not be seen whether the registry holds images, and the reason stands above; they are as they were."
    head -n 1 /tmp/tags
}

# bring SNAPSHOT: everything.
bring() {
    discard
    mkdir "$made"
    bring_links "$1" "$made/new"
    restic restore "$1:/var/lib/registry/docker" --target "$made/new" --exclude-xattr '*'
    # `up` takes a directory in which nothing is newer than at the update before for an older state of the images.
    touch "$made/new/registry/v2/repositories"
}

# bring_repository SNAPSHOT NAME: its links, and the blobs that they name.
bring_repository() {
    discard
    mkdir "$made"
    bring_links "$1" "$made/new" \
        --include "/registry/v2/repositories/$2/_manifests" --include "/registry/v2/repositories/$2/_layers"
    cd "$made/new/registry/v2/repositories/$2" 2>/dev/null || refuse "there is no repository '$2' in that backup."
    find _layers _manifests/revisions -name link | sed -n 's|.*/sha256/\([0-9a-f]*\)/link$|\1|p' | sort -u >/tmp/wanted
    bring_blobs "$1" "$made/new"
}

# bring_missing SNAPSHOT: the blobs that the registry's links name, and that it lacks.
bring_missing() {
    discard
    mkdir -p "$made/new/registry/v2/blobs/sha256" "$made/new/registry/v2/repositories"
    cd "/var/lib/registry/$v2"
    find repositories -name _uploads -prune -o -path '*/_manifests/tags' -prune -o -type f -name link -print |
        sed -n 's|.*/sha256/\([0-9a-f]*\)/link$|\1|p' | sort -u |
        while read -r digest; do [ -e "blobs/sha256/${digest%"${digest#??}"}/$digest/data" ] || echo "$digest"; done >/tmp/wanted
    bring_blobs "$1" "$made/new"
}

# bring_links SNAPSHOT DIRECTORY [OPTION...]; other NASes do not take the attributes that one adds.
bring_links() {
    from=$1:/staging/docker to=$2
    shift 2
    restic restore "$from" --target "$to" --exclude-xattr '*' "$@"
}

# bring_blobs SNAPSHOT DIRECTORY: those whose digests are in /tmp/wanted.
bring_blobs() {
    sed 's|^\(..\).*|/registry/v2/blobs/sha256/\1/&|' /tmp/wanted >/tmp/patterns
    [ ! -s /tmp/patterns ] || restic restore "$1:/var/lib/registry/docker" --target "$2" --exclude-xattr '*' --include-file /tmp/patterns
}

# check_restored: prints what is not right, a line each: blobs that are not what their digests say, and images that lack one.
# What a manifest refers to and its repository never had is not missed: an image that it is the signature of, a layer elsewhere.
check_restored() {
    cd "$made/new/registry/v2"
    : >/tmp/blobs
    find blobs/sha256 -type f -name data -exec sha256sum '{}' + | awk '
        { n = split($2, part, "/") }
        $1 == part[n - 1] { print $1 >"/tmp/blobs"; if (++right % 1000 == 0) print right " blobs are right so far" >"/dev/stderr"; next }
        { print "the blob sha256:" part[n - 1] " is damaged" }'
    find repositories -type f -name link | sed -n \
        -e 's|^repositories/\(.*\)/_layers/sha256/\([0-9a-f]*\)/link$|\1 layer \2|p' \
        -e 's|^repositories/\(.*\)/_manifests/revisions/sha256/\([0-9a-f]*\)/link$|\1 manifest \2|p' >/tmp/links
    awk '$2 == "manifest" { print $3 }' /tmp/links | sort -u | sed 's|^\(..\).*|blobs/sha256/\1/&/data|' |
        while read -r file; do [ ! -f "$file" ] || echo "$file"; done |
        { xargs grep -oE '"digest"[[:space:]]*:[[:space:]]*"sha256:[0-9a-f]{64}"' /dev/null || true; } |
        sed 's|^[^:]*/\([0-9a-f]*\)/data:.*sha256:\([0-9a-f]*\)"$|\1 \2|' >/tmp/references
    awk '
        FILENAME == "/tmp/blobs" { there[$1] = 1; next }
        FILENAME == "/tmp/references" { needs[$1] = needs[$1] " " $2; next }
        FNR == 1 { pass++ }
        pass == 1 { linked[$1 " " $3] = 1; next }
        $2 == "manifest" && !($3 in there) { print $1 "@sha256:" $3 " is missing or damaged"; next }
        $2 == "manifest" {
            n = split(needs[$3], digest, " ")
            for (i = 1; i <= n; i++)
                if (!(digest[i] in there) && ($1 " " digest[i]) in linked) print $1 "@sha256:" $3 " lacks sha256:" digest[i]
        }' /tmp/blobs /tmp/references /tmp/links /tmp/links
}

# ready_to_switch: from here on the next start of the registry puts it in its place (start.sh).
ready_to_switch() {
    cd /var/lib/registry
    sync
    mv .nas-registry-restored .nas-registry-switch
}

# keep_old NAME: what was there before gets a name of its own.
keep_old() {
    cd /var/lib/registry
    [ ! -d .nas-registry-switch ] || mv .nas-registry-switch "$1"
    rmdir "$1" 2>/dev/null || true
}

# settle NAME: what a restore has left; fails while the registry has not put in its place what is restored.
settle() {
    discard
    cd /var/lib/registry
    [ ! -d .nas-registry-switch/new ] || return 1
    [ -e docker ] || [ ! -d .nas-registry-switch ] || return 1
    keep_old "$1"
}

list_kept() {
    cd /var/lib/registry
    for each in .nas-registry-before-*; do [ ! -d "$each" ] || echo "$each"; done
}

# put_back: while the registry is stopped. It may be interrupted: start.sh knows this state, too.
put_back() {
    cd /var/lib/registry
    [ ! -d .nas-registry-switch ] || [ -d .nas-registry-switch/new ] || mv docker .nas-registry-switch/failed
    [ ! -d .nas-registry-switch/old ] || [ -e docker ] || mv .nas-registry-switch/old docker
    mv .nas-registry-switch "$made"
    discard
}

# other_tags NAME: the tags that the registry has, too, for another image.
other_tags() {
    cd "$made/new/registry/v2/repositories/$1/_manifests/tags" 2>/dev/null || return 0
    for tag in *; do
        there=/var/lib/registry/$v2/repositories/$1/_manifests/tags/$tag/current/link
        [ ! -f "$there" ] || [ "$(cat "$there")" = "$(cat "$tag/current/link")" ] || echo "$tag"
    done
}

# add_repository NAME: as a push does, so that it may be interrupted at any moment: blobs first, then links, tags last.
add_repository() {
    cd "$made/new/registry/v2"
    add blobs data
    add "repositories/$1/_layers" link
    add "repositories/$1/_manifests/revisions" link
    sync
    for part in index current; do
        find "repositories/$1/_manifests/tags" -path "*/$part/*" -name link | while IFS= read -r file; do place_file "$file"; done
    done
}

count_missing() { find "$made/new/registry/v2/blobs" -type f -name data | wc -l; }

# add_missing: prints how many blobs there were to add.
add_missing() {
    count_missing
    cd "$made/new/registry/v2"
    add blobs data
    sync
}

# add DIRECTORY NAME: its files of that name that the registry lacks.
add() {
    [ ! -d "$1" ] || find "$1" -type f -name "$2" | while IFS= read -r file; do
        [ -e "/var/lib/registry/$v2/$file" ] || place_file "$file"
    done
}

place_file() {
    mkdir -p "/var/lib/registry/$v2/${1%/*}"
    mv -f "$1" "/var/lib/registry/$v2/$1"
}

# rehearse_with SNAPSHOT COUNT: restores images of so many repositories, one each, both drawn, and names them in /staging/sample.
rehearse_with() {
    discard
    mkdir "$made"
    bring_links "$1" "$made/docker"
    cd "$made/$v2"
    find repositories -path '*/_manifests/tags/*/current/link' |
        awk 'BEGIN { srand() } { print rand() "\t" $0 }' | sort | cut -f 2 |
        sed -n 's|^repositories/\([a-z0-9._/-]*\)/_manifests/tags/\([A-Za-z0-9._-]*\)/current/link$|\1 \2|p' |
        awk '!drawn[$1]++' | head -n "$2" >/staging/sample
    while read -r repository tag; do
        sed "s|^sha256:|$repository |" "repositories/$repository/_manifests/tags/$tag/current/link"
        echo
    done </staging/sample >/tmp/level
    # Indexes, their images, and what these consist of, each of all repositories at once.
    for _ in 1 2 3; do
        sed -n 's/.* //p' /tmp/level | sort -u >/tmp/wanted
        bring_blobs "$1" "$made/docker"
        while read -r repository digest; do
            [ -z "$digest" ] || parts_of "$repository" "$digest" | sed "s|^sha256:|$repository |"
        done </tmp/level >/tmp/next
        sort -u /tmp/next >/tmp/level
    done
}

# parts_of REPOSITORY DIGEST: what that repository has of the digests that a manifest refers to.
parts_of() {
    [ -e "repositories/$1/_manifests/revisions/sha256/$2/link" ] || return 0
    grep -oE '"digest"[[:space:]]*:[[:space:]]*"sha256:[0-9a-f]{64}"' "blobs/sha256/${2%"${2#??}"}/$2/data" |
        sed 's|.*"\(sha256:.*\)"$|\1|' | while read -r digest; do
        [ ! -e "repositories/$1/_layers/sha256/${digest#*:}/link" ] &&
            [ ! -e "repositories/$1/_manifests/revisions/sha256/${digest#*:}/link" ] || echo "$digest"
    done
}

# pull_sample: starts a registry on what is restored, which nobody else can reach, and pulls each image of the sample from it.
pull_sample() {
    cat >/tmp/config.yml <<END
version: 0.1
log: { level: error }
storage:
  filesystem: { rootdirectory: $made }
  maintenance: { uploadpurging: { enabled: false }, readonly: { enabled: true } }
http: { addr: 127.0.0.1:5000 }
END
    registry serve /tmp/config.yml &
    tries=0
    until wget -q -O /dev/null http://127.0.0.1:5000/v2/; do
        [ $((tries += 1)) -lt 60 ] || refuse "the registry on what was restored does not answer."
        sleep 1
    done
    cd "$made/$v2"
    while read -r repository tag; do
        wanted=$(cat "repositories/$repository/_manifests/tags/$tag/current/link")
        pull manifests "$tag" "$wanted"
        while [ -n "$wanted" ]; do
            parts=$(for digest in $wanted; do parts_of "$repository" "${digest#sha256:}"; done | sort -u)
            for digest in $parts; do
                if [ -e "repositories/$repository/_manifests/revisions/sha256/${digest#*:}/link" ]; then
                    pull manifests "$digest" "$digest"
                else
                    pull blobs "$digest" "$digest"
                fi
            done
            wanted=$parts
        done
        echo "pulled $repository:$tag"
    done </staging/sample
}

# pull KIND REFERENCE DIGEST
pull() {
    pulled=$(wget -q -O - --header "Accept: application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.list.v2+json, application/vnd.docker.distribution.manifest.v2+json" \
        "http://127.0.0.1:5000/v2/$repository/$1/$2" | sha256sum)
    [ "sha256:${pulled%% *}" = "$3" ] || refuse "$repository:$tag cannot be pulled from what was restored: $2 is not what it should be."
}

"$@"
