# Makes the NAS's own Docker daemon trust the registry, and fails unless a pull reaches it; no container restarts.
#
# Values: those of kinds/lib.sh and pull.sh, and argument (the one that asks for this), username ("" pulls without), password

certificates() {
    [ -z "$ca_certificate" ] || nas_certs_directories | sed "s|\$|/$registry/nas-registry.crt|"
    [ -z "$hub_certificate" ] || nas_certs_directories | sed "s|\$|/docker.io/nas-registry-$registry.crt|"
}

settle() { for directory in $(nas_certs_directories); do settle_certificates "$directory"; done; }

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
    untrusted:authority) problem="the NAS's Docker daemon does not trust $registry although its certificate is in $(certificates | tr '\n' ' ')($answer): the daemon may look elsewhere; set $argument to false$insecure, or use a certificate of a public authority" ;;
    untrusted:*) problem="the NAS's Docker daemon does not know the authority of $registry ($answer): give its certificate as certificate.caCertificate" ;;
    plain:*) problem="the NAS's Docker daemon does not take $registry for an insecure registry ($answer)" ;;
    unreachable:*) problem="the NAS's Docker daemon does not reach $registry ($answer): the NAS itself must find that name; set hostName to one that it finds, for instance its address" ;;
    # No reason to take back what may be right.
    *) doubt="the NAS's Docker daemon answers a pull from $registry with words that are not known here: $answer" ;;
    esac
}

apply() {
    [ "$me" = 0 ] ||
        die "$argument: $(id -un) may not change what the NAS's Docker daemon trusts, which needs root. $(sudo_lines "$(nas_sudoers)")"
    added=
    at_exit=forget_added
    for certificate in $(certificates); do [ -f "$certificate" ] || added="$added $certificate"; done
    settle
    look_at_pull
    [ -z "$problem" ] || die "$argument: $problem."
    [ -z "$doubt" ] || warn "$argument: $doubt"
    for certificate in $(certificates); do
        if [ ! -f "$certificate" ]; then
            warn "$argument: '$certificate' was not made, since Docker Engine 28 and newer would no longer look into '_default' there: put the certificate into that directory yourself."
            continue
        fi
        nas_keeps "$certificate" ||
            warn "$argument: '$certificate' is in the NAS's memory and gone after a restart of the NAS; give reapply another text then, and run 'up'."
    done
}

# What was not there: Pulumi does not know of what an apply that fails has done.
forget_added() {
    [ "$code" = 0 ] || for certificate in $added; do own_file "$certificate" ""; done
    clean_up
}

check() {
    for certificate in $(certificates); do
        has_text "$ca_certificate" "$certificate" ||
            echo "'$certificate' is missing, or is not the certificate of the registry's authority"
    done
    look_at_pull
    [ -z "$problem" ] || echo "$problem"
    [ -z "$doubt" ] || warn "$doubt"
}

revert() {
    untrust
    settle
}

prepare() {
    # The brackets of an IPv6 address are no pattern.
    set -f
    # Of no help to a mirror: an engine from 28 on would not check Docker Hub's certificate either.
    insecure=
    [ "$argument" = daemonMirror ] || insecure=" and put $registry into daemonConfig.insecureRegistries"
    # A connection that is cut must not leave the login behind.
    trap : HUP PIPE
    make_scratch
}

dispatch "$@" </dev/null
