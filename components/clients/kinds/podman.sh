# Podman, Buildah and Skopeo: the CA in certs.d; or, without TLS, a file of our own in registries.conf.d. As root for the
# whole machine, as somebody else for their own containers.

podman_find() {
    label=Podman commands="podman buildah skopeo"
    containers_directory=$(configuration_directory /etc/containers containers)
}

podman_settle() {
    own_file "$containers_directory/certs.d/$registry/nas-registry.crt" "$ca_certificate"
    text=
    [ "$trust" != insecure ] || text="[[registry]]${newline}location = \"$registry\"${newline}insecure = true$newline"
    own_file "$containers_directory/registries.conf.d/nas-registry-$registry.conf" "$text"
}
