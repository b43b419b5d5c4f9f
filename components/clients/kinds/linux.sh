# Docker Engine on Linux: the CA in certs.d, which the engine reads at every pull; or, without TLS, an entry in daemon.json,
# which it reads when told to (see daemon-json.sh). No container restarts either way.

linux_find() {
    label=Docker commands=docker
    docker_directory=$(configuration_directory /etc/docker docker)
    docker_certificate=$docker_directory/certs.d/$registry/nas-registry.crt
    docker_settings=$docker_directory/daemon.json
}

linux_check() {
    [ "$(id -u)" = 0 ] || [ -S "${XDG_RUNTIME_DIR:-/nonexistent}/docker.sock" ] ||
        die "only root may change what the Docker Engine trusts: run this with 'sudo sh'."
}

# The engine takes SIGHUP for 'read daemon.json again'.
linux_reload() {
    if is_installed systemctl && systemctl is-active --quiet docker 2>/dev/null; then
        as_root systemctl reload docker
    elif as_root test -s /var/run/docker.pid; then
        as_root kill -HUP "$(as_root cat /var/run/docker.pid)"
    else
        hint="Docker reads this when it starts next."
    fi
}

linux_settle() {
    settle_certificates "$docker_directory/certs.d"
    before=$(content_of "$docker_settings")
    settle_entry "$docker_settings"
    # Of an entry also when it was there: an earlier run may have been stopped before this.
    if [ "$trust" = insecure ] || [ "$(content_of "$docker_settings")" != "$before" ]; then
        linux_reload
    fi
}
