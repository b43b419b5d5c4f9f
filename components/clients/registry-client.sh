# Makes this Docker host trust the registry, logs it in if asked, and fails unless a pull reaches the registry.
#
# Values: those of kinds/lib.sh and pull.sh, and containerd (yes or ""), username ("" for no login), password

# as_user COMMAND...: in the home of whoever logs in, with no other rights than theirs.
as_user() (
    sudo=
    "$@"
)

prepare() {
    sudo=
    [ "$(id -u)" = 0 ] || sudo="sudo -n"
    as_root true 2>/dev/null ||
        die "connection.user: $(id -un) is not root, and sudo asks for a password. $(sudo_lines "/etc/sudoers.d/nas-registry-$(id -u)")"
    docker_sudo=
    ! is_installed docker || docker version >/dev/null 2>&1 || docker_sudo=$sudo
    linux_find
    containerd_find
}

# With the login of the user whose connection this is, also when root's rights come from sudo.
run_docker() { $docker_sudo docker --config "$HOME/.docker" "$@"; }

find_docker() {
    is_installed docker || die "connection.host: there is no docker command on this host: install Docker."
    engine=$(run_docker version --format '{{.Server.Version}}' 2>&1) ||
        die "connection.host: the Docker Engine of this host does not answer ($engine): start it and run 'up' again."
}

login_file=$HOME/.docker/config.json
# That the login is ours, and what docker made of the file.
login_record=$HOME/.docker/nas-registry-login-$registry
login_copy=$login_file.before-nas-registry-$registry
# That there was no such file.
login_file_made=$HOME/.docker/.config-made-by-nas-registry

# change_login ARGUMENT...: docker writes the file anew; where that has root's rights the file is still its user's.
change_login() {
    run_docker "$@" 2>&1 || return 1
    [ -z "$docker_sudo" ] || as_root chown "$(id -u):$(id -g)" "$login_file"
}

login() {
    if [ ! -f "$login_record" ]; then
        # docker then takes the file for empty, and a login writes it anew.
        case $engine in
        *"config file"*) die "username: docker cannot read '$login_file' on this host ($(echo "$engine" | grep "config file")): mend it and run 'up' again." ;;
        esac
        ! is_logged_in ||
            die "username: $(id -un) is logged in to $registry on this host already: run 'docker logout $registry' there, or leave out username and password."
        as_user make_directory "${login_file%/*}"
        if [ -f "$login_file" ]; then
            cp -p "$login_file" "$login_copy"
            # docker keeps the mode, and a file without passwords may be readable by all; the copy has the old mode.
            chmod 600 "$login_file"
        else
            : >"$login_file_made"
        fi
        : >"$login_record"
    fi
    said=$(printf '%s' "$password" | change_login login "$registry" --username "$username" --password-stdin) ||
        die "username: $registry refused the login of '$username' ($said)."
    cksum <"$login_file" >"$login_record"
}

logout() {
    [ -f "$login_record" ] || return 0
    now=
    [ ! -f "$login_file" ] || now=$(cksum <"$login_file")
    # Also for the sake of a credential helper, which keeps the password elsewhere.
    [ -z "$now" ] || ! is_installed docker || change_login logout "$registry" >/dev/null || true
    if [ -f "$login_copy" ] && [ "$now" = "$(cat "$login_record")" ]; then
        mv -f "$login_copy" "$login_file"
    elif [ -f "$login_file_made" ]; then
        case $(tr -d '[:space:]' <"$login_file" 2>/dev/null) in
        "" | "{}" | '{"auths":{}}') rm -f "$login_file" "$login_file_made" ;;
        esac
    fi
    rm -f "$login_copy"
    as_user own_file "$login_record" ""
}

# Everything that apply may change, one path a line.
changed_files() {
    printf '%s\n' "$docker_certificate" "$docker_directory/certs.d/docker.io/nas-registry-$registry.crt" \
        "$docker_settings" "$(copy_of "$docker_settings")" \
        "$hosts_file" "$containerd_certificate" "$login_file" "$login_record" "$login_copy" "$login_file_made"
}

# An apply that fails must change nothing, since Pulumi then goes on believing in what was before.
keep_files() {
    kept=$(as_root mktemp -d)
    at_exit=take_back
    changed_files | while read -r file; do
        ! as_root test -f "$file" || as_root cp -p "$file" "$(kept_copy "$file")"
    done
}

kept_copy() { echo "$kept/$(echo "$1" | tr / :)"; }

put_files_back() {
    changed_files | while read -r file; do
        copy=$(kept_copy "$file")
        if as_root test -f "$copy"; then
            case $file in
            "$HOME"/*) as_user make_directory "${file%/*}" ;;
            *) make_directory "${file%/*}" ;;
            esac
            as_root cp -p "$copy" "$file"
        else
            own_file "$file" ""
        fi
    done
}

take_back() {
    if [ "$code" != 0 ]; then
        settings=$(content_of "$docker_settings")
        # A credential helper keeps the password elsewhere.
        [ ! -f "$login_record" ] || as_root test -f "$(kept_copy "$login_record")" || logout || true
        put_files_back || true
        [ "$settings" = "$(content_of "$docker_settings")" ] || linux_reload || true
    fi >/dev/null 2>&1
    as_root rm -rf "$kept"
}

check_pull() {
    try_pull run_docker
    case $pull in
    absent) ;;
    present) die "registry: $registry has an image nas-registry/trust-check:none, which nothing should have." ;;
    denied) [ -z "$username" ] || die "username: $registry does not let '$username' pull ($answer)." ;;
    untrusted) die "caCertificate: the certificate of $registry is not from this authority, or is for another name ($answer)." ;;
    plain) die "registry: $registry has no TLS: leave out caCertificate and set insecure to true, if that is what you want ($answer)." ;;
    unreachable) die "registry: $registry does not answer this host's Docker Engine ($answer): check the name, the port and whether the registry runs." ;;
    # No reason to take back what may be right.
    *) warn "registry: the Docker Engine of this host answers a pull from $registry with words that are not known here: $answer" ;;
    esac
}

apply() {
    find_docker
    keep_files
    linux_settle
    if [ -n "$containerd" ]; then containerd_settle; else (untrust && containerd_settle); fi
    if [ -n "$username" ]; then login; else logout; fi
    check_pull
}

revert() {
    logout
    untrust
    containerd_settle
    linux_settle
}

# check_file TEXT PATH: one that is wholly ours.
check_file() {
    if as_root test ! -f "$2"; then
        echo "'$2' is gone"
    elif [ "$(content_of "$2")" != "$1." ]; then
        echo "'$2' is not what this stack wrote"
    fi
}

check_trust() {
    [ -z "$ca_certificate" ] || check_file "$ca_certificate" "$docker_certificate"
    [ "$trust" != insecure ] || { as_root test -f "$docker_settings" && has_entry "$docker_settings"; } ||
        echo "'$docker_settings' does not have $registry among its insecure-registries"
    if [ -n "$containerd" ] && [ "$trust" != public ]; then
        check_file "$(hosts_toml)$newline" "$hosts_file"
        [ -z "$ca_certificate" ] || check_file "$ca_certificate" "$containerd_certificate"
    fi
    [ -z "$username" ] || is_logged_in || echo "the login to $registry is gone from '$login_file'"
}

# An entry of a login is an object, empty with a credential helper; one that names the helper is not. Old ones have a URL.
is_logged_in() {
    [ -f "$login_file" ] && plain_json <"$login_file" |
        grep -q "\"\(https\{0,1\}://\)\{0,1\}$(name_pattern)\(/[^\"]*\)\{0,1\}\":{"
}

# A pull that fails for what was found already would only say it again.
check() {
    found=$(check_trust)
    if [ -n "$found" ]; then
        echo "$found"
        return
    fi
    find_only
    find_docker
    check_pull
}

dispatch "$@" </dev/null
