# shellcheck shell=sh disable=SC2154
# BuildKit outside of the Docker Engine: the registry's table at the end of a buildkitd.toml; other tables stay as they are.
# As root the file of a buildkitd service; as somebody else the one that 'docker buildx create' gives to new builders.

buildkit_find() {
    buildkit_directory=${BUILDX_CONFIG:-$HOME/.docker/buildx}
    buildkit_file=$buildkit_directory/buildkitd.default.toml
    if [ "$(id -u)" = 0 ]; then
        buildkit_directory=/etc/buildkit
        buildkit_file=$buildkit_directory/buildkitd.toml
    fi
    buildkit_certificate=$buildkit_directory/nas-registry/$registry.crt
}

buildkit_check() {
    is_installed buildkitd || is_installed docker ||
        die "there is neither buildkitd nor docker on this machine: install one, or use the script for what builds images here."
}

buildkit_table() {
    echo "[registry.\"$registry\"]"
    if [ "$trust" = authority ]; then
        echo "  ca = [\"$buildkit_certificate\"]"
    else
        echo "  http = true"
    fi
}

buildkit_block() {
    echo "$begin_mark"
    buildkit_table
    echo "$end_mark"
}

# TOML allows a table once only, and none below a key.
buildkit_check_others() {
    ! as_root cat "$buildkit_file" | without_block | sed 's/^[[:space:]]*#.*//' | grep -E '^[[:space:]]*\[*[[:space:]]*["'\'']?registry["'\'']?' |
        awk -v registry="$registry" '/^[[:space:]]*["'\'']?registry/ || index($0, registry) || !/[.]/ { found = 1 } END { exit !found }' ||
        die "'$buildkit_file' has an entry of $registry, or of all registries in a form that nothing can be added to, so it is left alone; add this to it by hand:
$(buildkit_table)"
}

buildkit_add() {
    without_block
    buildkit_block
}

buildkit_forget() {
    if as_root test -f "$buildkit_file" && as_root grep -qF "$begin_mark" "$buildkit_file"; then
        edit "$buildkit_file" without_block
        remove_made_file "$buildkit_file"
    fi
    remove "$buildkit_certificate"
}

buildkit_setup() {
    check_block "$buildkit_file"
    if [ "$trust" = public ]; then
        buildkit_forget
        trusted "BuildKit"
        return
    fi
    as_root test ! -f "$buildkit_file" || buildkit_check_others
    put_certificate "$buildkit_certificate"
    make_file "$buildkit_file"
    if [ "$(as_root cat "$buildkit_file" | buildkit_add)" != "$(as_root cat "$buildkit_file")" ]; then
        edit "$buildkit_file" buildkit_add
    fi
    trusted "BuildKit"
    echo "A buildkitd reads $buildkit_file when it starts, a builder when it is made: 'docker buildx create --use --config $buildkit_file'."
}

buildkit_undo() {
    check_block "$buildkit_file"
    buildkit_forget
    echo "BuildKit no longer trusts $registry, once it has restarted and builders are made anew."
}
