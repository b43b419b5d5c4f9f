# shellcheck shell=sh disable=SC2154
# containerd, with nerdctl, ctr --hosts-dir or Kubernetes: a hosts.toml of the registry's own, which is read at every pull.
# As root for the whole machine, as somebody else for nerdctl without root.

containerd_find() {
    hosts_directory=$(configuration_directory /etc/containerd containerd)/certs.d
    hosts_file=$hosts_directory/$registry/hosts.toml
    containerd_certificate=$hosts_directory/$registry/nas-registry.crt
    hosts_mark="# made by nas-registry"
}

containerd_check() {
    is_installed containerd || is_installed nerdctl ||
        die "there is neither containerd nor nerdctl on this machine: install one, or use the script for what pulls images here."
}

hosts_toml() {
    scheme=https
    [ "$trust" != insecure ] || scheme=http
    echo "$hosts_mark"
    echo "server = \"$scheme://$registry\""
    echo
    echo "[host.\"$scheme://$registry\"]"
    echo '  capabilities = ["pull", "resolve", "push"]'
    [ "$trust" != authority ] || echo "  ca = \"$containerd_certificate\""
}

hosts_file_is_ours() {
    [ "$(as_root cat "$hosts_file" | head -n 1)" = "$hosts_mark" ]
}

# A file of ours that says nothing new would only be in the way.
containerd_forget() {
    if as_root test -f "$hosts_file" && hosts_file_is_ours; then
        remove "$hosts_file"
    fi
}

containerd_setup() {
    if [ "$trust" = public ]; then
        containerd_forget
        remove "$containerd_certificate"
        trusted "containerd"
        return
    fi
    as_root test ! -f "$hosts_file" || hosts_file_is_ours ||
        die "'$hosts_file' is somebody else's; it is left alone. Let it have these lines instead, with the CA in the file they name:
$(hosts_toml | sed 1d)"
    put_certificate "$containerd_certificate"
    put "$(hosts_toml)$newline" "$hosts_file"
    trusted "containerd"
    if is_installed containerd && ! containerd config dump 2>/dev/null | grep -q "config_path = .*$hosts_directory"; then
        echo "For Kubernetes, set config_path = \"$hosts_directory\" in the registry section of the CRI plugin in containerd's config.toml; nerdctl needs nothing more."
    fi
}

containerd_undo() {
    containerd_forget
    remove "$containerd_certificate"
    echo "containerd no longer trusts $registry."
}
