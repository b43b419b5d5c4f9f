# containerd, with nerdctl, ctr --hosts-dir or Kubernetes: a hosts.toml of the registry's own, which is read at every pull.
# As root for the whole machine, as somebody else for nerdctl without root.

containerd_find() {
    label=containerd commands="containerd nerdctl"
    hosts_directory=$(configuration_directory /etc/containerd containerd)/certs.d
    hosts_file=$hosts_directory/$registry/hosts.toml
    containerd_certificate=$hosts_directory/$registry/nas-registry.crt
    hosts_mark="# made by nas-registry"
}

# A file of ours that says nothing new would only be in the way.
hosts_toml() {
    case $trust in
    authority) scheme=https ;;
    insecure) scheme=http ;;
    *) return 0 ;;
    esac
    printf '%s\n' "$hosts_mark" "server = \"$scheme://$registry\"" "" "[host.\"$scheme://$registry\"]" \
        '  capabilities = ["pull", "resolve", "push"]'
    [ "$trust" != authority ] || echo "  ca = \"$containerd_certificate\""
}

containerd_settle() {
    text=$(hosts_toml)
    # An editor may have put a byte order mark before the comment, and Windows' line end behind it.
    if as_root test -f "$hosts_file" && ! as_root cat "$hosts_file" | head -n 1 | grep -q "$hosts_mark"; then
        [ -z "$text" ] ||
            die "'$hosts_file' is somebody else's; it is left alone. Let it have these lines instead, with the CA in the file they name:
$(echo "$text" | sed 1d)"
    else
        own_file "$hosts_file" "${text:+$text$newline}"
    fi
    own_file "$containerd_certificate" "$ca_certificate"
    if [ -n "$text" ] && is_installed containerd &&
        ! containerd config dump 2>/dev/null | grep -q "config_path = .*$hosts_directory"; then
        hint="For Kubernetes, set config_path = \"$hosts_directory\" in the registry section of the CRI plugin in containerd's config.toml; nerdctl needs nothing more."
    fi
}
