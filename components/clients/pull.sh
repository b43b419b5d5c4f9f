# Whether a Docker Engine reaches $registry (host:port) and trusts it, as a pull shows it; nothing is stored.

# try_pull DOCKER...: pulls, by this command, an image that cannot exist. Says in $pull how it ended (absent, present, denied,
# untrusted, plain, unreachable or unknown), and in $answer what the engine said. An engine has no code for this, only sentences:
# those of engines 20.10 to 29, the latter with containerd's images ("failed to resolve reference"), and of Podman's docker.
try_pull() {
    if answer=$("$@" pull "$registry/nas-registry/trust-check:none" 2>&1); then
        pull=present
        return
    fi
    # Without the registry's name, which may be any of these words, and what the command says of its own files; in small letters.
    name=$(echo "$registry" | sed 's/[].[]/\\&/g')
    case $(echo "$answer" | sed -e '/^WARNING: /d' -e "s/$name//g" | tr "ABCDEFGHIJKLMNOPQRSTUVWXYZ$newline" 'abcdefghijklmnopqrstuvwxyz ') in
    *"manifest unknown"* | *"name unknown"* | *manifest_unknown* | *name_unknown* | *"manifest for "*" not found"* | \
        *"trust-check:none: not found"* | *"404 not found"*) pull=absent ;;
    *"http response to https client"*) pull=plain ;;
    *x509* | *certificate* | *tls:*) pull=untrusted ;;
    *"no basic auth credentials"* | *unauthorized* | *"authentication required"* | *"authorization failed"* | *denied* | \
        *"403 forbidden"*) pull=denied ;;
    *"dial tcp"* | *"connection refused"* | *"connection reset"* | *"no such host"* | *"no route to host"* | *unreachable* | \
        *timeout* | *"deadline exceeded"* | *"server misbehaving"* | *": eof"*) pull=unreachable ;;
    *)
        pull=unknown
        answer=$(echo "$answer" | tr '\n' ' ' | sed 's/ *$//')
        ;;
    esac
    answer=$(echo "$answer" | tail -n 1)
}
