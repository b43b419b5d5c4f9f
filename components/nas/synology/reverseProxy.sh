# Puts DSM's own web server in front of a port of this NAS: one reverse proxy rule for https://host_name, and its certificate,
# imported and bound to the rule. revert takes away these two. What was done by hand is accepted.
#
# Values: those of dsm.sh, and description (of the rule; that of the certificate is "description fingerprint"), fingerprint,
#         host_name, rule (JSON, without UUID), certificate, chain (PEM, may be empty), private_key, front (host:port of
#         DSM's web server), attempts (one a second), steps_directory, apply_steps, revert_steps

proxy=SYNO.Core.AppPortal.ReverseProxy
label="$description $fingerprint"
export description label host_name rule uuid=""
# core: what matters of a rule. imported: a certificate of ours, also an earlier one. Where the rule is bound now is
# { service, old_id }; DSM wants its own description of the service back, word for word. A certificate that somebody gave to
# more than our rule, or made the default, is theirs by now.
definitions='
    def ours: .description == env.description;
    def wanted: env.rule | fromjson;
    def core: {
        description, proxy_connect_timeout, proxy_read_timeout, proxy_send_timeout,
        frontend: (.frontend | { fqdn, port, protocol }), backend: (.backend | { fqdn, port, protocol }) };
    def conflicts: (ours | not) and .frontend.port == wanted.frontend.port and .frontend.protocol == wanted.frontend.protocol
        and (.frontend.fqdn | ascii_downcase) == (wanted.frontend.fqdn | ascii_downcase);
    def imported: (.desc // "") | split(" ") | .[:-1] | join(" ") == env.description;
    def binding: [.[] | .id as $id | .services[]? | select(.subscriber == "ReverseProxy" and .service == env.uuid)
        | { service: ., old_id: $id }][0] // { old_id: "", service: { display_name: env.host_name, isPkg: false,
            multiple_cert: true, owner: "root", service: env.uuid, subscriber: "ReverseProxy", user_setable: true } };
    def removable: [.[] | select(imported and (.is_default | not) and all(.services[]?; .service == env.uuid)) | .id];'

fingerprint_of() { openssl x509 -noout -fingerprint -sha256 2>/dev/null || true; }

is_served() {
    shown=$(openssl s_client -connect "$front" -servername "$host_name" </dev/null 2>/dev/null | fingerprint_of)
    [ "$shown" = "$(printf '%s' "$certificate" | fingerprint_of)" ]
}

# DSM takes the private key as a file, and so does a person who does it by hand.
write_files() { # directory
    put "$private_key" "$1/private-key.pem" 600 0:0
    put "$certificate" "$1/certificate.pem" 600 0:0
    [ -z "$chain" ] || put "$chain" "$1/chain.pem" 600 0:0
}

by_hand() {
    ! is_served || { echo "byHand=true" && exit; }
    own_directory "$steps_directory" 700 0:0
    write_files "$steps_directory"
    die "DSM did not set up the reverse proxy: $1. Do this by hand and run 'up' again:
$apply_steps"
}

forget_steps() {
    rm -f "$steps_directory/private-key.pem" "$steps_directory/certificate.pem" "$steps_directory/chain.pem"
    rmdir "$steps_directory" 2>/dev/null || true
}

read_rules() {
    dsm "$proxy" list || return 1
    rules=$(pick "$answer" '[.data.entries[]?]')
    uuid=$(pick "$rules" 'map(select(ours))[0].UUID // empty')
}

has_rule() { holds "$rules" 'map(select(ours) | core) == [wanted | core]'; }

# send_rule METHOD RULE: DSM 6 takes a rule as a string that holds JSON, and its name for the change is set.
send_rule() {
    ! dsm "$proxy" "$1" "entry=$2" || return 0
    if [ "$(pick "$answer" .error.code)" = 4151 ] && dsm "$proxy" "$1" "entry=$(json "$2")"; then
        return 0
    fi
    [ "$1" = update ] && [ "$(pick "$answer" .error.code)" = 103 ] && send_rule set "$2"
}

put_rule() {
    ! has_rule || return 0
    set -- create "$rule"
    # What a person has added to the rule, such as headers, stays.
    [ -z "$uuid" ] || set -- update "$(pick "$rules" 'map(select(ours))[0] * (wanted | core)')"
    change "the rule is saved" read_rules has_rule send_rule "$@"
}

list_certificates() {
    dsm SYNO.Core.Certificate.CRT list || return 1
    certificates=$(pick "$answer" '[.data.certificates[]?]')
    certificate_id=$(pick "$certificates" 'map(select(.desc == env.label))[0].id // empty')
}

is_imported() { [ -n "$certificate_id" ]; }
is_bound() { [ "$(pick "$certificates" binding.old_id)" = "$certificate_id" ]; }

put_certificate() {
    list_certificates || by_hand "$(explain)"
    ! is_imported || return 0
    write_files "$scratch"
    set -- "key_tmp=$(json "$scratch/private-key.pem")" "cert_tmp=$(json "$scratch/certificate.pem")" "desc=$(json "$label")"
    [ -z "$chain" ] || set -- "$@" "inter_cert_tmp=$(json "$scratch/chain.pem")"
    # In place of the one before, so that what is bound to it stays bound.
    previous=$(pick "$certificates" 'map(select(imported))[0].id // empty')
    [ -z "$previous" ] || set -- "$@" "id=$(json "$previous")"
    change "the certificate is imported" list_certificates is_imported dsm SYNO.Core.Certificate import "$@"
}

apply() {
    read_rules || by_hand "$(explain)"
    other=$(pick "$rules" '[.[] | select(conflicts) | .description // "without description"][0] // empty')
    [ -z "$other" ] ||
        die "hostName: this NAS has a reverse proxy rule for https://$host_name already ('$other'), which this stack did not create: remove that rule, or set hostName to another name."
    put_rule
    put_certificate
    # Bound again to where it is, DSM would take the binding away.
    is_bound || change "the certificate is bound to the rule" list_certificates is_bound dsm SYNO.Core.Certificate.Service set \
        "settings=$(pick "$certificates" "[binding + { id: $(json "$certificate_id") }]")"
    leave_lock
    # DSM restarts its web server, which takes it some seconds.
    retry "$attempts" is_served ||
        die "hostName: DSM has the rule and the certificate for https://$host_name, but its web server shows another certificate: see that $host_name is not DSM's own name as well (customized domain), and run 'up' again."
    forget_steps
}

remove_rule() {
    [ -n "$uuid" ] || return 0
    dsm "$proxy" delete "uuids=[$(json "$uuid")]" && dsm "$proxy" list &&
        holds "$answer" 'any(.data.entries[]?; ours) | not'
}

remove_certificate() {
    list_certificates || return 1
    ids=$(pick "$certificates" removable)
    [ "$ids" != "[]" ] || return 0
    dsm SYNO.Core.Certificate.CRT delete "ids=$ids" && list_certificates && [ "$(pick "$certificates" removable)" = "[]" ]
}

revert() {
    if read_rules; then
        remove_rule && remove_certificate
    else
        # What was done by hand may have been undone by hand.
        ! is_served
    fi || die "DSM did not take the reverse proxy back: $(explain). Do this by hand and run 'destroy' again:
$revert_steps"
    forget_steps
}

# What a person did by hand need not be listed, as long as it serves.
check() {
    if ! read_rules; then
        is_served || die "DSM does not show its reverse proxy rules: $(explain)."
        return
    fi
    if [ -z "$uuid" ]; then
        echo "DSM has no reverse proxy rule '$description'"
    elif ! has_rule; then
        echo "DSM's reverse proxy rule '$description' is not as this stack made it"
    fi
    list_certificates || die "DSM does not show its certificates: $(explain)."
    if ! is_imported; then
        echo "DSM does not have the certificate '$label'"
    elif [ -n "$uuid" ] && ! is_bound; then
        echo "DSM's certificate '$label' is not bound to the reverse proxy rule"
    fi
    is_served || echo "DSM's web server shows another certificate for https://$host_name"
}

prepare() {
    require_root "DSM's reverse proxy"
    [ "$1" != check ] || return 0
    make_scratch
    # Two stacks may do this at the same moment.
    take_own_lock dsm
    trap 'exit 1' HUP INT TERM
}

dispatch "$@" </dev/null
