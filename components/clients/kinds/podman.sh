# shellcheck shell=sh disable=SC2154
# Podman, Buildah and Skopeo: the CA in certs.d; or, without TLS, a file of our own in registries.conf.d. As root for the
# whole machine, as somebody else for their own containers.

podman_find() {
    containers_directory=$(configuration_directory /etc/containers containers)
    podman_certificate=$containers_directory/certs.d/$registry/nas-registry.crt
    podman_insecure=$containers_directory/registries.conf.d/nas-registry-$registry.conf
}

podman_check() {
    is_installed podman || is_installed buildah || is_installed skopeo ||
        die "there is neither podman nor buildah nor skopeo on this machine: install one, or use the script for what pulls images here."
}

podman_setup() {
    put_certificate "$podman_certificate"
    if [ "$trust" = insecure ]; then
        put "[[registry]]${newline}location = \"$registry\"${newline}insecure = true$newline" "$podman_insecure"
    else
        remove "$podman_insecure"
    fi
    trusted "Podman"
}

podman_undo() {
    remove "$podman_certificate"
    remove "$podman_insecure"
    echo "Podman no longer trusts $registry."
}
