# shellcheck shell=sh disable=SC2154
# Docker Desktop on a Mac: the CA in the keychain of the person who runs this, which browsers and curl use, too, and in
# ~/.docker/certs.d, which Docker Desktop hands to its engine; or, without TLS, an entry in ~/.docker/daemon.json.

macos_find() {
    keychain=$HOME/Library/Keychains/login.keychain-db
    macos_directory=$HOME/.docker/certs.d/$registry
    macos_certificate=$macos_directory/nas-registry.crt
    # Beside it: which of its certificates the keychain has from here, and not from somebody else, each a line with its number
    # in the file and its fingerprint.
    macos_record=$macos_directory/nas-registry.keychain
    # The keychain takes one certificate of a file, and Docker reads no file with this name.
    macos_single=$macos_directory/nas-registry.pem
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

# put_single NUMBER: one certificate of those that were set up.
put_single() {
    put "$(awk -v number="$1" '/^-----BEGIN/ { count++ } count == number' "$macos_certificate")$newline" "$macos_single"
}

macos_restart_hint() {
    echo "Restart Docker Desktop (in its menu: Restart)."
}

# macos_trust NUMBER KIND HASH: macOS takes an intermediate certificate for trusted only when told to end chains with it.
macos_trust() {
    ! in_keychain "$3" || return 0
    put_single "$1"
    as=trustRoot
    [ "$2" = root ] || as=trustAsRoot
    echo "macOS asks for your password: it adds the certificate authority to your login keychain."
    security add-trusted-cert -r "$as" -k "$keychain" "$macos_single" || {
        remove "$macos_single"
        die "the certificate was not added to the keychain; run this again and allow it."
    }
    remove "$macos_single"
    before=$(content_of "$macos_record")
    put "${before%.}$1 $3$newline" "$macos_record"
}

macos_add() {
    # Others may have taken the place of those that were set up.
    [ "$(content_of "$macos_certificate")" = "$ca_certificate." ] || macos_forget
    put_certificate "$macos_certificate"
    number=0
    # shellcheck disable=SC2046
    set -- $(echo "$authorities" | tr -d :)
    while [ $# -gt 0 ]; do
        number=$((number + 1))
        macos_trust "$number" "$1" "$2"
        shift 2
    done
}

macos_setup() {
    if [ "$trust" = authority ]; then
        macos_add
    else
        macos_forget
        remove "$macos_certificate"
    fi
    if [ "$trust" = insecure ]; then
        add_insecure_registry "$HOME/.docker/daemon.json"
    else
        remove_insecure_registry "$HOME/.docker/daemon.json" || true
    fi
    trusted "This Mac"
    macos_restart_hint
}

# macos_distrust NUMBER HASH
macos_distrust() {
    # Somebody may have taken it out by hand.
    in_keychain "$2" || return 0
    put_single "$1"
    security remove-trusted-cert "$macos_single" || {
        remove "$macos_single"
        die "the certificate was not taken from the keychain; run this again and allow it."
    }
    remove "$macos_single"
    security delete-certificate -Z "$2" "$keychain" ||
        die "the certificate is no longer trusted but still in the keychain: delete it in Keychain Access."
}

macos_forget() {
    while [ -s "$macos_record" ]; do
        read -r number hash <"$macos_record"
        macos_distrust "$number" "$hash"
        others=$(sed 1d "$macos_record")
        put "${others:+$others$newline}" "$macos_record"
    done
    remove "$macos_record"
}

macos_undo() {
    macos_forget
    remove "$macos_certificate"
    remove_insecure_registry "$HOME/.docker/daemon.json" || true
    echo "This Mac no longer trusts $registry."
    macos_restart_hint
}
