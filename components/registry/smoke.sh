# Fails unless the registry really serves: it is of a release without known holes, the catalog answers as the authentication
# says, and a look-up, of a blob that cannot exist, reaches Redis.
#
# Values: scheme, authority (host:port), address ("": any of the NAS's), port, auth, username, password, ca_certificate ("": any),
#         owner (uid:gid), data_directory ("": images are elsewhere), oldest_version, registry_container, pids_limit ("": none),
#         cache, redis_container, redis_socket, redis_password, redis_pids_limit, seconds (for the first answer)

# ask PATH [CURL-CONFIG-LINE]: sets $status to that of HTTP; user name and password go in on standard input only.
ask() {
    # shellcheck disable=SC2086
    status=$(printf '%s\n' "${2:-}" | curl --config - --silent --output /dev/null --write-out '%{http_code}' \
        --connect-timeout 5 --max-time 10 $trust --connect-to "::$address:$port" "$scheme://$authority$1") || true
}

# fail SENTENCE: while somebody waits for the registry, its log says more.
fail() {
    [ "$verb" = apply ] || die "$1"
    die "$1; the last lines of the registry's log:
$(run_docker logs --tail 30 "$registry_container" 2>&1 | sed 's/^/  /')"
}

# The address by which this NAS was reached first, since a QNAP's engine does not answer published ports on 127.0.0.1; a firewall
# may leave any one. By `ip` or `ifconfig`, whichever is there.
own_addresses() {
    echo "${SSH_CONNECTION:-}" | awk '{ print $3 }'
    echo 127.0.0.1
    { ip -o addr || ifconfig; } 2>/dev/null | sed -n 's/.*inet6\{0,1\} \(addr: \{0,1\}\)\{0,1\}\([0-9a-f.:]*\).*/\2/p'
}

# Sets $address to the first one that serves, and $tried to all that do not.
serves() {
    tried=
    for each in $addresses; do
        case $each in
        *:*) address="[$each]" ;;
        *) address=$each ;;
        esac
        ask /
        [ "$status" != 200 ] || return 0
        tried="$tried${tried:+, }$address: status $status"
    done
    return 1
}

# start_again CONTAINER: an engine that starts with the NAS tries once, and gives up where a folder is still locked then.
start_again() {
    [ -z "$1" ] || [ "$(run_docker inspect --format '{{.State.Status}}' "$1")" != exited ] || run_docker start "$1" >/dev/null ||
        die "the container '$1' does not start, and the reason stands above: mount or unlock what holds its directories, and run 'up' again."
}

# expect STATUS HOW [CURL-CONFIG-LINE]: of the catalog.
expect() {
    ask /v2/_catalog "${3:-}"
    [ "$status" = "$1" ] || fail "$scheme://$authority/v2/_catalog $2 answered $status and not $1"
}

# An earlier registry may have run as another user; its directories can then be read and not written.
check_writable() {
    refused=$(run_docker exec "$registry_container" sh -c '
        for directory in /var/lib/registry /var/lib/registry/docker/registry/v2/*; do
            [ ! -d "$directory" ] || [ -w "$directory" ] || echo "$directory"
        done')
    [ -z "$refused" ] ||
        die "the registry runs as user $owner, who may not write to $(echo "$refused" | head -n 1) in '$data_directory': run 'chown -R $owner' for it on the NAS and 'up' again."
}

# Three numbers of one version, compared as numbers.
check_version() {
    version=$(run_docker exec "$registry_container" registry --version | sed -n 's/.* v\{0,1\}\([0-9][0-9.]*\).*/\1/p')
    [ -n "$version" ] || return 0
    printf '%s %s\n' "$oldest_version" "$version" | tr . ' ' |
        awk '{ exit !(($4 * 1000 + $5) * 1000 + $6 >= ($1 * 1000 + $2) * 1000 + $3) }' ||
        die "image: the registry is of release $version and has known holes (CVE-2026-35172, CVE-2026-33540, CVE-2026-41888, CVE-2026-85747): use $oldest_version or newer."
}

# limit_processes CONTAINER LIMIT: here, since the Docker provider cannot.
limit_processes() {
    [ -n "$1" ] && [ -n "$2" ] || return 0
    [ "$verb" = check ] || said=$(run_docker update --pids-limit "$2" "$1" 2>&1) ||
        die "pidsLimit: the NAS's engine did not take the limit ($said)."
    limit=$(run_docker inspect --format '{{.HostConfig.PidsLimit}}' "$1")
    [ "$limit" = "$2" ] || die "pidsLimit: the container '$1' has a limit of $limit processes and not of $2."
}

redis_lookups() {
    printf 'AUTH %s\nINFO commandstats\n' "$redis_password" |
        run_docker exec -i "$redis_container" redis-cli -s "$redis_socket" |
        sed -n 's/^cmdstat_sismember:calls=\([0-9]*\).*/\1/p'
}

look_up() { ask "/v2/nas-registry/smoke-test/blobs/sha256:$(printf %064d 0)" "$credentials"; }

check_cache() {
    case $cache in
    redis)
        before=$(redis_lookups)
        look_up
        after=$(redis_lookups)
        [ "${after:-0}" -gt "${before:-0}" ] ||
            die "the registry serves but does not use Redis ('docker logs $redis_container' on the NAS says more)."
        ;;
    external)
        look_up
        # The registry goes on without its cache and says so in its log only.
        failure=$(run_docker logs --tail 20 "$registry_container" 2>&1 | grep -m 1 'error from cache' || true)
        [ -z "$failure" ] || die "externalRedis: the registry serves but does not reach Redis: $failure"
        ;;
    esac
}

prepare() {
    addresses=$address
    [ -n "$addresses" ] || addresses=$(own_addresses | awk '$0 != "" && !/^fe80:/ && !seen[$0]++')
    credentials=
    [ "$auth" != htpasswd ] || credentials="user = \"$username:$(printf '%s' "$password" | sed 's/[\\"]/\\&/g')\""
    trust=--insecure
    if [ -n "$ca_certificate" ]; then
        make_scratch
        printf '%s' "$ca_certificate" >"$scratch/ca.pem"
        trust="--cacert $scratch/ca.pem"
    fi
}

apply() {
    if [ "$verb" = apply ]; then
        start_again "$redis_container"
        start_again "$registry_container"
    fi
    deadline=$(($(date +%s) + seconds))
    until serves; do
        [ "$(date +%s)" -lt "$deadline" ] ||
            fail "the registry does not answer on $scheme://$authority/ (tried $tried)"
        sleep 1
    done
    limit_processes "$registry_container" "$pids_limit"
    limit_processes "$redis_container" "$redis_pids_limit"
    check_version
    case $auth in
    htpasswd)
        expect 401 "without a password"
        expect 200 "with the user's password" "$credentials"
        ;;
    token) expect 401 "without a token" ;;
    none) expect 200 "without a password" ;;
    esac
    [ -z "$data_directory" ] || check_writable
    # Nobody here has a token to look anything up with.
    [ "$auth" = token ] || check_cache
}

# It does not wait for a registry that starts.
check() {
    find_only
    seconds=3
    apply
}

dispatch "$@" </dev/null
