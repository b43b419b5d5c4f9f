# Docker Desktop on a Mac: the CA in the keychain of the person who runs this, which browsers and curl use, too, and in
# ~/.docker/certs.d, which Docker Desktop hands to its engine; or, without TLS, an entry in ~/.docker/daemon.json.

macos_find() {
    label="This Mac" commands=""
    keychain=$HOME/Library/Keychains/login.keychain-db
    macos_certificate=$HOME/.docker/certs.d/$registry/nas-registry.crt
    # Which of its certificates the keychain has from here, and not from somebody else, each a line with its number in the file
    # and its fingerprint.
    macos_record=${macos_certificate%.crt}.keychain
    # The keychain takes one certificate of a file, and Docker reads no file with this name.
    macos_single=${macos_certificate%.crt}.pem
}

macos_check() {
    [ "$(uname -s)" = Darwin ] || die "this is not a Mac: use the script for this machine."
    [ "$(id -u)" != 0 ] || die "Docker Desktop reads the keychain of the person who uses it: run this without sudo."
    [ -e "$keychain" ] || die "there is no login keychain at '$keychain': log in to the Mac's desktop once and run this again."
}

# in_keychain HASH
in_keychain() {
    security find-certificate -a -Z "$keychain" | tr -d ' ' | grep -qF "SHA-256hash:$1"
}

# on_certificate NUMBER FAILURE COMMAND...: runs the command on one certificate of those that were set up.
on_certificate() {
    own_file "$macos_single" "$(awk -v number="$1" '/^-----BEGIN/ { count++ } count == number' "$macos_certificate")$newline"
    failure=$2
    shift 2
    "$@" "$macos_single" || {
        own_file "$macos_single" ""
        die "the certificate was not $failure the keychain; run this again and allow it."
    }
    own_file "$macos_single" ""
}

# macos_trust NUMBER KIND HASH: macOS takes an intermediate certificate for trusted only when told to end chains with it.
macos_trust() {
    ! in_keychain "$3" || return 0
    as=trustRoot
    [ "$2" = root ] || as=trustAsRoot
    echo "macOS asks for your password: it adds the certificate authority to your login keychain."
    on_certificate "$1" "added to" security add-trusted-cert -r "$as" -k "$keychain"
    before=$(content_of "$macos_record")
    own_file "$macos_record" "${before%.}$1 $3$newline"
}

# macos_distrust NUMBER HASH
macos_distrust() {
    # Somebody may have taken it out by hand.
    in_keychain "$2" || return 0
    on_certificate "$1" "taken from" security remove-trusted-cert
    security delete-certificate -Z "$2" "$keychain" ||
        die "the certificate is no longer trusted but still in the keychain: delete it in Keychain Access."
}

macos_forget() {
    while [ -s "$macos_record" ]; do
        read -r number hash <"$macos_record"
        macos_distrust "$number" "$hash"
        rest=$(sed 1d "$macos_record")
        own_file "$macos_record" "${rest:+$rest$newline}"
    done
}

macos_settle() {
    # Others may have taken the place of those that were set up.
    [ "$(content_of "$macos_certificate")" = "$ca_certificate." ] || macos_forget
    own_file "$macos_certificate" "$ca_certificate"
    number=0
    # shellcheck disable=SC2046
    set -- $(echo "$authorities" | tr -d :)
    while [ $# -gt 0 ]; do
        number=$((number + 1))
        macos_trust "$number" "$1" "$2"
        shift 2
    done
    settle_entry "$HOME/.docker/daemon.json"
    hint="Restart Docker Desktop (in its menu: Restart)."
}
