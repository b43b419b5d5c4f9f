# shellcheck shell=sh disable=SC2154
# Docker Engine on Linux: the CA in certs.d, which the engine reads at every pull; or, without TLS, an entry in daemon.json,
# which it reads when told to (see daemon-json.sh). No container restarts either way.

linux_find() {
    docker_directory=$(configuration_directory /etc/docker docker)
    docker_certificate=$docker_directory/certs.d/$registry/nas-registry.crt
}

linux_check() {
    is_installed docker ||
        die "there is no docker command on this machine: install Docker, or use the script for what pulls images here (podman, containerd, k3s)."
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
        echo "Docker reads this when it starts next."
    fi
}

linux_forget_insecure() {
    if remove_insecure_registry "$docker_directory/daemon.json"; then
        linux_reload
    fi
}

linux_setup() {
    put_certificate "$docker_certificate"
    if [ "$trust" = insecure ]; then
        add_insecure_registry "$docker_directory/daemon.json"
        linux_reload
    else
        linux_forget_insecure
    fi
    trusted "Docker"
}

linux_undo() {
    remove "$docker_certificate"
    linux_forget_insecure
    echo "Docker on this machine no longer trusts $registry."
}
