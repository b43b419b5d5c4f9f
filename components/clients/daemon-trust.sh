# shellcheck shell=sh disable=SC2154
# Makes the NAS's own Docker daemon trust the registry, and fails unless a pull reaches it; no container restarts. $1 is
# apply, check or revert; revert takes back what apply has added, and nothing else.
#
# Values: those of kinds/lib.sh and pull.sh, and username ("" pulls without), password

certificates() {
    nas_certs_directories | sed "s|\$|/$registry/nas-registry.crt|"
}

run_docker() {
    "$docker" --config "$login" "$@"
}

# Logged in for this one pull, with a configuration of its own: an answer about the image says more than one about the user.
pull_once() {
    if [ -n "$username" ] &&
        ! said=$(printf '%s' "$password" | run_docker login "$registry" --username "$username" --password-stdin 2>&1); then
        # The pull that follows says the same of whatever else is wrong.
        case $said in *unauthorized*) refused=$(echo "$said" | tail -n 1) ;; esac
    fi
    try_pull run_docker
}

# What is wrong with the pull, in one sentence; nothing when it reached the registry.
pull_problem() {
    refused=
    pull_once
    case $pull in
    absent) ;;
    present) echo "$registry has an image nas-registry/trust-check:none, which nothing should have" ;;
    denied)
        [ -z "$username" ] || echo "$registry does not let '$username' pull on the NAS (${refused:-$answer})"
        ;;
    untrusted)
        [ "$trust" = authority ] || {
            echo "the NAS's Docker daemon does not know the authority of $registry ($answer): give its certificate as certificate.caCertificate"
            return
        }
        echo "the NAS's Docker daemon does not trust $registry although its certificate is in $(certificates | tr '\n' ' ')($answer): the daemon may look elsewhere; set daemonTrust to false and put $registry into daemonConfig.insecureRegistries, or use a certificate of a public authority"
        ;;
    plain) echo "the NAS's Docker daemon does not take $registry for an insecure registry ($answer)" ;;
    *)
        echo "the NAS's Docker daemon does not reach $registry ($answer): the NAS itself must find that name; set hostName to one that it finds, for instance its address"
        ;;
    esac
}

# An apply that fails leaves nothing that was not there: Pulumi does not know of it.
put_certificates() {
    added=
    for certificate in $(certificates); do
        [ -f "$certificate" ] || added="$added $certificate"
        put_certificate "$certificate"
    done
}

apply() {
    [ "$(id -u)" = 0 ] ||
        die "daemonTrust: $(id -un) may not change what the NAS's Docker daemon trusts, which needs root. $(sudo_lines)"
    put_certificates
    problem=$(pull_problem)
    if [ -n "$problem" ]; then
        for certificate in $added; do remove "$certificate"; done
        die "daemonTrust: $problem."
    fi
    for certificate in $(certificates); do
        [ "$trust" != authority ] || nas_keeps "$certificate" || echo "lostAtRestart=$certificate"
    done
}

check() {
    if [ "$trust" = authority ]; then
        for certificate in $(certificates); do
            [ "$(content_of "$certificate")" = "$ca_certificate." ] ||
                echo "'$certificate' is missing, or is not the certificate of the registry's authority"
        done
    fi
    pull_problem
}

revert() {
    for certificate in $(certificates); do remove "$certificate"; done
}

prepare() {
    # The brackets of an IPv6 address are no pattern.
    set -f
    # A connection that is cut must not leave the login behind.
    trap : HUP PIPE
    make_scratch
    login=$scratch
    trap 'rm -rf "$login"' EXIT
}

dispatch "$@" </dev/null
