# Makes the NAS's own Docker daemon trust the registry, and fails unless a pull reaches it; no container restarts.
#
# Values: those of kinds/lib.sh and pull.sh, and username ("" pulls without), password

certificates() { nas_certs_directories | sed "s|\$|/$registry/nas-registry.crt|"; }

# With a configuration of its own, so that a login for one pull is nobody else's.
docker_once() { run_docker --config "$scratch" "$@"; }

# look_at_pull: sets $problem to what is wrong with the pull, in one sentence, or $doubt where that cannot be told.
look_at_pull() {
    problem="" doubt="" refused=""
    # Logged in, since an answer about the image says more than one about the user. Whatever else is wrong the pull says, too.
    if [ -n "$username" ] &&
        ! said=$(printf '%s' "$password" | docker_once login "$registry" --username "$username" --password-stdin 2>&1); then
        case $said in *[Uu]nauthorized*) refused=$(echo "$said" | tail -n 1) ;; esac
    fi
    try_pull docker_once
    case $pull:$trust in
    absent:*) ;;
    present:*) problem="$registry has an image nas-registry/trust-check:none, which nothing should have" ;;
    denied:*) [ -z "$username" ] || problem="$registry does not let '$username' pull on the NAS (${refused:-$answer})" ;;
    untrusted:authority) problem="the NAS's Docker daemon does not trust $registry although its certificate is in $(certificates | tr '\n' ' ')($answer): the daemon may look elsewhere; set daemonTrust to false and put $registry into daemonConfig.insecureRegistries, or use a certificate of a public authority" ;;
    untrusted:*) problem="the NAS's Docker daemon does not know the authority of $registry ($answer): give its certificate as certificate.caCertificate" ;;
    plain:*) problem="the NAS's Docker daemon does not take $registry for an insecure registry ($answer)" ;;
    unreachable:*) problem="the NAS's Docker daemon does not reach $registry ($answer): the NAS itself must find that name; set hostName to one that it finds, for instance its address" ;;
    # No reason to take back what may be right.
    *) doubt="the NAS's Docker daemon answers a pull from $registry with words that are not known here: $answer" ;;
    esac
}

apply() {
    [ "$me" = 0 ] ||
        die "daemonTrust: $(id -un) may not change what the NAS's Docker daemon trusts, which needs root. $(sudo_lines "$(nas_sudoers)")"
    added=
    at_exit=forget_added
    for certificate in $(certificates); do
        [ -f "$certificate" ] || added="$added $certificate"
        own_file "$certificate" "$ca_certificate"
    done
    look_at_pull
    [ -z "$problem" ] || die "daemonTrust: $problem."
    [ -z "$doubt" ] || warn "daemonTrust: $doubt"
    for certificate in $(certificates); do
        [ -z "$ca_certificate" ] || nas_keeps "$certificate" ||
            warn "daemonTrust: '$certificate' is in the NAS's memory and gone after a restart of the NAS; give reapply another text then, and run 'up'."
    done
}

# What was not there: Pulumi does not know of what an apply that fails has done.
forget_added() {
    [ "$code" = 0 ] || for certificate in $added; do own_file "$certificate" ""; done
    clean_up
}

check() {
    for certificate in $(certificates); do
        [ -z "$ca_certificate" ] || has_text "$ca_certificate" "$certificate" ||
            echo "'$certificate' is missing, or is not the certificate of the registry's authority"
    done
    look_at_pull
    [ -z "$problem" ] || echo "$problem"
    [ -z "$doubt" ] || warn "$doubt"
}

revert() { for certificate in $(certificates); do own_file "$certificate" ""; done; }

prepare() {
    # The brackets of an IPv6 address are no pattern.
    set -f
    # A connection that is cut must not leave the login behind.
    trap : HUP PIPE
    make_scratch
}

dispatch "$@" </dev/null
