# shellcheck shell=sh disable=SC2154
# Fails unless the registry really serves: the catalog with the CA and a password is 200, without a password 401, and a
# look-up reaches Redis. It asks for a blob that cannot exist, so it leaves nothing behind.
#
# Values: docker, sudo ("" or "sudo -n"), docker_env, authority (host:port), port, username, password, ca_certificate,
#         owner (uid:gid), data_directory, registry_container, redis_container ("" when the cache is not Redis), redis_password, attempts (one a second)

run_docker() {
    $sudo "$docker" "$@"
}

# registry_status PATH [CURL-CONFIG-LINE]: the HTTP status; user name and password go in on standard input only.
registry_status() {
    printf '%s\n' "$2" |
        curl --config - --silent --output /dev/null --write-out '%{http_code}' --max-time 10 \
            --cacert "$ca_file" --connect-to "::$address:$port" "https://$authority$1" || true
}

last_log_lines() {
    run_docker logs --tail 30 "$registry_container" 2>&1 | sed 's/^/  /'
}

wait_until_serving() {
    remaining=$attempts
    while status=$(registry_status / ""); [ "$status" != 200 ]; do
        remaining=$((remaining - 1))
        [ "$remaining" -gt 0 ] ||
            die "the registry does not answer on https://$authority/ (status $status) although its container was started; the last lines of its log:
$(last_log_lines)"
        sleep 1
    done
}

expect() {
    [ "$2" = "$3" ] || die "https://$authority/v2/_catalog $1 answered $2 and not $3; the last lines of the registry's log:
$(last_log_lines)"
}

# An earlier registry may have run as another user; its directories can then be read and not written.
check_writable() {
    # shellcheck disable=SC2016
    refused=$(run_docker exec "$registry_container" sh -c '
        for directory in /var/lib/registry /var/lib/registry/docker/registry/v2/*; do
            [ ! -d "$directory" ] || [ -w "$directory" ] || echo "$directory"
        done')
    [ -z "$refused" ] ||
        die "the registry runs as user $owner, who may not write to $(echo "$refused" | head -n 1): run 'chown -R $owner $data_directory' on the NAS and 'up' again."
}

redis_lookups() {
    printf 'AUTH %s\nINFO commandstats\n' "$redis_password" |
        run_docker exec -i "$redis_container" redis-cli |
        sed -n 's/^cmdstat_sismember:calls=\([0-9]*\).*/\1/p'
}

check_redis() {
    before=$(redis_lookups)
    registry_status /v2/nas-registry/smoke-test/blobs/sha256:0000000000000000000000000000000000000000000000000000000000000000 "$credentials" >/dev/null
    after=$(redis_lookups)
    [ "${after:-0}" -gt "${before:-0}" ] ||
        die "the registry serves but does not use Redis ('docker logs $redis_container' on the NAS says more)."
}

main() {
    # The address by which this NAS was reached: a QNAP's engine does not answer published ports on 127.0.0.1.
    address=$(echo "${SSH_CONNECTION:-}" | awk '{ print $3 }')
    case $address in
    "") address=127.0.0.1 ;;
    *:*) address="[$address]" ;;
    esac
    credentials="user = \"$username:$password\""
    [ -z "$docker_env" ] || export "${docker_env?}"
    ca_file=$(mktemp)
    trap 'rm -f "$ca_file"' EXIT
    printf '%s' "$ca_certificate" >"$ca_file"
    wait_until_serving
    expect "without a password" "$(registry_status /v2/_catalog "")" 401
    expect "with the user's password" "$(registry_status /v2/_catalog "$credentials")" 200
    check_writable
    [ -z "$redis_container" ] || check_redis
    echo "served=true"
}

main </dev/null
