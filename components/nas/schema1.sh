# shellcheck shell=sh disable=SC2154
# Images of manifest schema 1, for which distribution 3 answers 500 and at which its garbage collection stops. Sourced by
# scripts that have data.sh.

# Runs in the data directory.
schema1_images() {
    cd ./docker/registry/v2 2>/dev/null || return 0
    revisions=$(find repositories -type f -path '*/_manifests/revisions/sha256/*/link')
    # Nothing but files is read.
    old=$(echo "$revisions" | sed -n 's|.*/sha256/\(\(..\)[0-9a-f]*\)/link$|blobs/sha256/\2/\1/data|p' | sort -u |
        while read -r blob; do [ ! -f "$blob" ] || [ -h "$blob" ] || echo "$blob"; done |
        xargs grep -lsE '"schemaVersion"[[:space:]]*:[[:space:]]*1[^0-9]' /dev/null || true)
    for blob in $old; do
        digest=${blob%/data}
        digest=${digest##*/}
        echo "$revisions" | sed -n "s|^repositories/\(.*\)/_manifests/revisions/sha256/$digest/link|\1@sha256:$digest|p"
    done | head -n 5 | tr '\n' ' '
}

check_schema1() {
    names=$(in_data_directory "$data_directory" schema1_images)
    [ -z "$names" ] ||
        die "dataDirectory: '$data_directory' holds images of manifest schema 1, which distribution 3 cannot read: ${names}(at most five are named); pull them with Docker and push them again to the registry that serves them now, or delete them there, and run 'up' again."
}
