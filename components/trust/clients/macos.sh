# shellcheck shell=sh disable=SC2154
# Docker Desktop on a Mac: the CA in the keychain of the person who runs this, which browsers and curl use, too, and in
# ~/.docker/certs.d, which Docker Desktop hands to its engine; or, without TLS, an entry in ~/.docker/daemon.json.

macos_find() {
    keychain=$HOME/Library/Keychains/login.keychain-db
    macos_directory=$HOME/.docker/certs.d/$registry
    macos_certificate=$macos_directory/nas-registry.crt
    # Beside it: that the keychain has the certificate from here, and not from somebody else.
    macos_record=$macos_directory/nas-registry.keychain
}

macos_check() {
    [ "$(uname -s)" = Darwin ] || die "this is not a Mac: use the script for this machine."
    [ "$(id -u)" != 0 ] || die "Docker Desktop reads the keychain of the person who uses it: run this without sudo."
    [ -e "$keychain" ] || die "there is no login keychain at '$keychain': log in to the Mac's desktop once and run this again."
}

in_keychain() {
    security find-certificate -a -Z "$keychain" | tr -d ' ' | grep -qF "SHA-256hash:$(echo "$fingerprint" | tr -d :)"
}

macos_restart_hint() {
    echo "Restart Docker Desktop (in its menu: Restart)."
}

macos_add() {
    # Another CA may have taken the place of the one that was set up.
    [ "$(content_of "$macos_certificate")" = "$ca_certificate." ] || macos_forget
    put_certificate "$macos_certificate"
    ! in_keychain || return 0
    echo "macOS asks for your password: it adds the certificate authority to your login keychain."
    security add-trusted-cert -r trustRoot -k "$keychain" "$macos_certificate" ||
        die "the certificate was not added to the keychain; run this again and allow it."
    put "$(echo "$fingerprint" | tr -d :)$newline" "$macos_record"
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

macos_forget() {
    [ -f "$macos_record" ] || return 0
    security remove-trusted-cert "$macos_certificate" ||
        die "the certificate was not taken from the keychain; run this again and allow it."
    security delete-certificate -Z "$(cat "$macos_record")" "$keychain" ||
        die "the certificate is no longer trusted but still in the keychain: delete it in Keychain Access."
    remove "$macos_record"
}

macos_undo() {
    macos_forget
    remove "$macos_certificate"
    remove_insecure_registry "$HOME/.docker/daemon.json" || true
    echo "This Mac no longer trusts $registry."
    macos_restart_hint
}
