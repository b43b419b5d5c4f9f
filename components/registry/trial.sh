# Starts what is about to take the registry's place beside the one that runs, with its new configuration and on the same images, which it
# can only read; so an image that does not serve them is found while the old one still does. Nothing of it is published. It runs when
# something of that changes, and not when the first one is made.
#
# Values: container_name, component, owner_label, control_directory, data_directory ("": images are elsewhere), owner (uid:gid), image,
#         limits (options of docker run), health (command that says whether it serves), seconds (for its first answer)

trial=$container_name-trial
of_component="--filter label=nas-registry.owner=$owner_label --filter label=nas-registry.component=$component"

# shellcheck disable=SC2086
ours() { run_docker ps --quiet $of_component --filter "name=^/$1\$" "$2"; }

remove_trial() {
    left=$(ours "$trial" --all)
    [ -z "$left" ] || run_docker rm --force "$left" >/dev/null
}

apply() {
    remove_trial
    # Without one that runs there is none to lose.
    [ -n "$(ours "$container_name" --no-trunc)" ] || return 0
    at_exit=remove_trial
    # shellcheck disable=SC2086
    run_docker run --detach --name "$trial" --network "$container_name" --user "$owner" --read-only --cap-drop ALL \
        --security-opt no-new-privileges $limits --label "nas-registry.owner=$owner_label" \
        --label "nas-registry.component=$component" \
        --mount "type=bind,source=$control_directory/registry,target=/etc/distribution,readonly" \
        ${data_directory:+--mount "type=bind,source=$data_directory,target=/var/lib/registry,readonly"} \
        --entrypoint /bin/sh "$image" /etc/distribution/start.sh registry serve /etc/distribution/config.yml >/dev/null || fail
    retry "$seconds" serves_or_ended || fail
    serves || fail
}

# shellcheck disable=SC2086
serves() { run_docker exec "$trial" $health >/dev/null 2>&1; }
serves_or_ended() { serves || [ -z "$(ours "$trial" --no-trunc)" ]; }

fail() {
    die "image: '$image' does not serve this registry's images with its configuration, so the registry that runs was left as it is; the last lines of the log:
$(run_docker logs --tail 20 "$trial" 2>&1 | sed 's/^/  /')"
}

check() {
    [ -z "$(ours "$trial" --all)" ] || echo "the container '$trial' is left, of an 'up' that was killed"
}

dispatch "$@" </dev/null
