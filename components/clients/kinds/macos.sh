# Docker Desktop on a Mac: the CA in the keychain of the person who runs this, which browsers and curl use, too, and in
# ~/.docker/certs.d, which Docker Desktop hands to its engine; or, without TLS, an entry in ~/.docker/daemon.json.

macos_find() {
    label="This Mac" commands=""
    keychain=$HOME/Library/Keychains/login.keychain-db
    macos_certificate=$HOME/.docker/certs.d/$registry/nas-registry
    authorities=$(echo "$authorities" | tr -d :)
}

macos_check() {
    [ "$(uname -s)" = Darwin ] || die "this is not a Mac: use the script for this machine."
    [ "$(id -u)" != 0 ] || die "Docker Desktop reads the keychain of the person who uses it: run this without sudo."
    [ -e "$keychain" ] || die "there is no login keychain at '$keychain': log in to the Mac's desktop once and run this again."
}

# in_keychain HASH
in_keychain() { security find-certificate -a -Z "$keychain" | tr -d ' ' | grep -qF "SHA-256hash:$1"; }

# macos_trust NUMBER KIND HASH: of the certificates that are set up. What the keychain has from here, and not from somebody else,
# is in a file of its own, with a name that Docker does not read.
macos_trust() {
    ! in_keychain "$3" || return 0
    own=$macos_certificate.$3.pem
    own_file "$own" "$(echo "$ca_certificate" | awk -v number="$1" '/^-----BEGIN/ { count++ } count == number')$newline"
    # An intermediate certificate is taken for trusted only when chains are to end with it.
    as=trustRoot
    [ "$2" = root ] || as=trustAsRoot
    echo "macOS asks for your password: it adds the certificate authority to your login keychain."
    security add-trusted-cert -r "$as" -k "$keychain" "$own" || {
        own_file "$own" ""
        die "the certificate was not added to the keychain; run this again and allow it."
    }
}

# What is from here, and not to be trusted any more.
macos_distrust() {
    for own in "$macos_certificate".*.pem; do
        hash=${own#"$macos_certificate".}
        hash=${hash%.pem}
        case $authorities in *"$hash"*) continue ;; esac
        # Somebody may have taken it out by hand.
        if in_keychain "$hash"; then
            security remove-trusted-cert "$own" ||
                die "the certificate was not taken from the keychain; run this again and allow it."
            security delete-certificate -Z "$hash" "$keychain" ||
                die "the certificate is no longer trusted but still in the keychain: delete it in Keychain Access."
        fi
        own_file "$own" ""
    done
}

macos_settle() {
    macos_distrust
    own_file "$macos_certificate.crt" "$ca_certificate"
    number=0
    # shellcheck disable=SC2086
    set -- $authorities
    while [ $# -gt 0 ]; do
        number=$((number + 1))
        macos_trust "$number" "$1" "$2"
        shift 2
    done
    settle_entry "$HOME/.docker/daemon.json"
    hint="Restart Docker Desktop (in its menu: Restart)."
}
