# Whether a Docker Engine reaches $registry (host:port) and trusts it, as a pull shows it; nothing is stored.

# try_pull DOCKER...: pulls, by this command, an image that cannot exist. Says in $pull how it ended (absent, present,
# denied, untrusted, plain or unreachable), and in $answer what the engine said.
try_pull() {
    if answer=$("$@" pull "$registry/nas-registry/trust-check:none" 2>&1); then
        pull=present
        return
    fi
    answer=$(echo "$answer" | tail -n 1)
    case $answer in
    *"manifest unknown"* | *"name unknown"* | *"manifest for "*"not found"*) pull=absent ;;
    *"no basic auth credentials"* | *unauthorized* | *"authentication required"* | *denied*) pull=denied ;;
    *x509* | *certificate* | *tls:*) pull=untrusted ;;
    *"HTTP response to HTTPS client"*) pull=plain ;;
    *) pull=unreachable ;;
    esac
}
