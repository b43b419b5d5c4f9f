# The registry's own API for operations: programs of regclient, in containers in the registry's network, so that nothing
# depends on what is between the NAS and itself.
#
# Values: regclient_network, regclient_authority (name:port by which its certificate knows the registry there), regclient_name (that
#         name, "" for an address), regclient_address (what it stands for; "": the address of the registry's container)

# regclient_file NAME TEXT: what such a program reads in /etc/regclient, and nobody else.
regclient_file() {
    own_directory "$scratch/regclient" 750 "$me:${owner#*:}"
    printf '%s\n' "$2" | write_file "$scratch/regclient/$1" 640 "$me:${owner#*:}"
}

# regclient IMAGE [WORD...]
regclient() {
    if [ -n "$regclient_name" ]; then
        address=$regclient_address
        [ -n "$address" ] || address=$(run_docker inspect --format \
            "{{(index .NetworkSettings.Networks \"$regclient_network\").IPAddress}}" "$container_name")
        set -- --add-host "$regclient_name:$address" "$@"
    fi
    tool "$regclient_network" --mount "type=bind,source=$scratch/regclient,target=/etc/regclient,readonly" \
        --env REGCTL_CONFIG=/etc/regclient/config.json "$@" </dev/null
}

# within SECONDS COMMAND [WORD...]: ends what works in a container when it takes longer, with code 124; meanwhile $meanwhile is called
# every ten seconds.
meanwhile=:
within() {
    last=$(($(date +%s) + $1)) seconds=0
    shift
    "$@" &
    while [ -n "$(began $!)" ]; do
        if [ "$(date +%s)" -ge "$last" ]; then
            echo "it takes too long, and is ended"
            remove_tool || true
            wait $! || true
            return 124
        fi
        sleep 1
        seconds=$((seconds + 1))
        [ $((seconds % 10)) != 0 ] || "$meanwhile"
    done
    wait $!
}
