# BuildKit outside of the Docker Engine: the registry's table at the end of a buildkitd.toml; other tables stay as they are.
# As root the file of a buildkitd service; as somebody else the one that 'docker buildx create' gives to new builders.

buildkit_find() {
    label=BuildKit commands="buildkitd docker"
    buildkit_directory=${BUILDX_CONFIG:-$HOME/.docker/buildx}
    buildkit_file=$buildkit_directory/buildkitd.default.toml
    if [ "$(id -u)" = 0 ]; then
        buildkit_directory=/etc/buildkit
        buildkit_file=$buildkit_directory/buildkitd.toml
    fi
    buildkit_certificate=$buildkit_directory/nas-registry/$registry.crt
}

# TOML allows a table once only, and none below a key.
takes_no_table() {
    sed 's/^[[:space:]]*#.*//' | grep -E '^[[:space:]]*\[*[[:space:]]*["'\'']?registry["'\'']?' |
        awk -v registry="$registry" '/^[[:space:]]*["'\'']?registry/ || index($0, registry) || !/[.]/ { found = 1 } END { exit !found }'
}

with_table() {
    without_block
    [ -z "$table" ] || block "" "$table"
}

buildkit_settle() {
    table="[registry.\"$registry\"]$newline  "
    case $trust in
    authority) table="${table}ca = [\"$buildkit_certificate\"]" ;;
    insecure) table="${table}http = true" ;;
    *) table= ;;
    esac
    written=$(others "$buildkit_file")
    if [ -n "$table" ] && echo "$written" | takes_no_table; then
        die "'$buildkit_file' has an entry of $registry, or of all registries in a form that nothing can be added to, so it is left alone; add this to it by hand:
$table"
    fi
    own_file "$buildkit_certificate" "$ca_certificate"
    settle_blocks "$buildkit_file" with_table
    how=": 'docker buildx create --use --config $buildkit_file'"
    [ "$trust" = public ] ||
        hint="A buildkitd reads $buildkit_file when it starts, a builder when it is made${table:+$how}."
}
