# shellcheck shell=sh disable=SC2154,SC2016
# Puts DSM's own web server in front of a port of this NAS: one reverse proxy rule for https://host_name, and the
# certificate for it, imported into DSM and bound to the rule. $1 is apply, revert or check; revert takes away that rule and
# that certificate. Every change is read back, since DSM also says "success" when it did nothing; what it does not do is
# printed as steps to do by hand, and what was done by hand is accepted.
#
# Values: synowebapi, privilege, description (of the rule; that of the certificate is "description fingerprint"), fingerprint,
#         host_name, rule (JSON, without UUID), certificate, chain (PEM, may be empty), private_key, front (host:port of
#         DSM's web server), attempts (one a second), steps_directory, apply_steps, revert_steps

proxy=SYNO.Core.AppPortal.ReverseProxy

served_certificate() {
    openssl s_client -connect "$front" -servername "$host_name" </dev/null 2>/dev/null |
        openssl x509 -noout -fingerprint -sha256 2>/dev/null || true
}

is_served() {
    [ "$(served_certificate)" = "$(printf '%s' "$certificate" | openssl x509 -noout -fingerprint -sha256)" ]
}

# DSM takes the private key as a file, and so does a person who does it by hand.
write_files() { # directory
    put "$private_key" "$1/private-key.pem" 600 0:0
    put "$certificate" "$1/certificate.pem" 600 0:0
    [ -z "$chain" ] || put "$chain" "$1/chain.pem" 600 0:0
}

by_hand() { # reason
    ! is_served || {
        echo "byHand=true"
        exit 0
    }
    own_directory "$steps_directory" 700 0:0
    write_files "$steps_directory"
    die "DSM did not set up the reverse proxy: $1. Do this by hand and run 'up' again:
$apply_steps"
}

forget_steps() {
    for name in private-key certificate chain; do
        rm -f "$steps_directory/$name.pem"
    done
    rmdir "$steps_directory" 2>/dev/null || true
}

# rules FILTER [JQ-OPTION...]: reads the rules that were listed last; `core` is what matters of a rule.
rules() {
    filter=$1
    shift
    printf '%s' "$listed_rules" | jq "$@" --arg description "$description" --argjson wanted "$rule" '
        def core: {
            description, proxy_connect_timeout, proxy_read_timeout, proxy_send_timeout,
            frontend: (.frontend | { fqdn, port, protocol }), backend: (.backend | { fqdn, port, protocol }) };'"$filter"
}

read_rules() {
    listed_rules=$(ask -c '[.data.entries[]?]')
    uuid=$(rules 'map(select(.description == $description))[0].UUID // empty' -r)
}

list_rules() {
    dsm "$proxy" list || return 1
    read_rules
}

# DSM 6 takes a rule as a string that holds JSON, and its name for the change is set.
send_rule() { # create|update|set rule
    ! dsm "$proxy" "$1" "entry=$2" || return 0
    if [ "$(ask '.error.code')" = 4151 ] && dsm "$proxy" "$1" "entry=$(json "$2")"; then
        return 0
    fi
    [ "$1" = update ] && [ "$(ask '.error.code')" = 103 ] && send_rule set "$2"
}

refuse_foreign_rule() {
    other=$(rules '$wanted.frontend as $front | map(select(.description != $description and .frontend.port == $front.port and
        .frontend.protocol == $front.protocol and (.frontend.fqdn | ascii_downcase) == ($front.fqdn | ascii_downcase)))
        | .[] | .description // "without description"' -r | head -n 1)
    [ -z "$other" ] ||
        die "hostName: this NAS has a reverse proxy rule for https://$host_name already ('$other'), which this stack did not create: remove that rule, or set hostName to another name."
}

has_rule() {
    [ "$(rules '[.[] | select(.description == $description) | core] == [$wanted | core]')" = true ]
}

put_rule() {
    ! has_rule || return 0
    if [ -z "$uuid" ]; then
        send_rule create "$rule" || by_hand "$(explain)"
    else
        # What a person has added to the rule, such as headers, stays.
        send_rule update "$(rules 'map(select(.description == $description))[0] * ($wanted | core)' -c)" || by_hand "$(explain)"
    fi
    { list_rules && has_rule; } || by_hand "it said that the rule is saved, and does not list it"
}

# certificates FILTER [JQ-OPTION...]: reads the certificates that were listed last; `ours` are those that were imported here.
certificates() {
    filter=$1
    shift
    printf '%s' "$listed_certificates" |
        jq "$@" --arg description "$description" --arg fingerprint "$fingerprint" --arg uuid "$uuid" '
        def ours: map(select((.desc // "") | split(" ") | .[:-1] | join(" ") == $description));'"$filter"
}

list_certificates() {
    dsm SYNO.Core.Certificate.CRT list || return 1
    listed_certificates=$(ask -c '[.data.certificates[]?]')
    certificate_id=$(certificates 'map(select(.desc == "\($description) \($fingerprint)"))[0].id // empty' -r)
}

put_certificate() {
    list_certificates || by_hand "$(explain)"
    [ -z "$certificate_id" ] || return 0
    write_files "$scratch"
    set -- "key_tmp=$(json "$scratch/private-key.pem")" "cert_tmp=$(json "$scratch/certificate.pem")" \
        "desc=$(json "$description $fingerprint")"
    [ -z "$chain" ] || set -- "$@" "inter_cert_tmp=$(json "$scratch/chain.pem")"
    # In place of the one before, so that what is bound to it stays bound.
    previous=$(certificates 'ours[0].id // empty' -r)
    [ -z "$previous" ] || set -- "$@" "id=$(json "$previous")"
    dsm SYNO.Core.Certificate import "$@" || by_hand "$(explain)"
    { list_certificates && [ -n "$certificate_id" ]; } ||
        by_hand "it said that the certificate is imported, and does not list it"
}

# Where the rule is bound now: { service, old_id }; DSM wants its own description of the service back, word for word.
binding() {
    certificates '[.[] | .id as $id | .services[]? | select(.subscriber == "ReverseProxy" and .service == $uuid)
        | { service: ., old_id: $id }][0] // { service: { display_name: $host, isPkg: false, multiple_cert: true,
            owner: "root", service: $uuid, subscriber: "ReverseProxy", user_setable: true }, old_id: "" }' \
        -c --arg host "$host_name"
}

is_bound() {
    [ "$(binding | jq -r .old_id)" = "$certificate_id" ]
}

bind_certificate() {
    # Bound again to where it is, DSM would take the binding away.
    ! is_bound || return 0
    dsm SYNO.Core.Certificate.Service set "settings=$(binding | jq -c --arg id "$certificate_id" '[. + { id: $id }]')" ||
        by_hand "$(explain)"
    { list_certificates && is_bound; } ||
        by_hand "it said that the certificate is bound to the rule, and does not list it so"
}

# DSM restarts its web server, which takes it some seconds.
wait_until_served() {
    remaining=$attempts
    until is_served; do
        remaining=$((remaining - 1))
        [ "$remaining" -gt 0 ] ||
            die "hostName: DSM has the rule and the certificate for https://$host_name, but its web server shows another certificate: see that $host_name is not DSM's own name as well (customized domain), and run 'up' again."
        sleep 1
    done
}

apply() {
    find_form "$proxy" list || by_hand "$(explain)"
    read_rules
    refuse_foreign_rule
    put_rule
    put_certificate
    bind_certificate
    leave_lock
    wait_until_served
    forget_steps
}

remove_rule() {
    [ -n "$uuid" ] || return 0
    dsm "$proxy" delete "uuids=[$(json "$uuid")]" && list_rules && [ -z "$uuid" ]
}

# A certificate that somebody gave to more than our rule, or made the default, is theirs by now.
remove_certificate() {
    list_certificates || return 1
    ids=$(certificates '[ours[] | select((.is_default | not) and all(.services[]?; .service == $uuid)) | .id]' -c)
    [ "$ids" != "[]" ] || return 0
    dsm SYNO.Core.Certificate.CRT delete "ids=$ids" && list_certificates &&
        [ "$(certificates 'any(.[].id; . as $id | $ids | index($id))' --argjson ids "$ids")" = false ]
}

not_removed() {
    die "DSM did not take the reverse proxy back: $(explain). Do this by hand and run 'destroy' again:
$revert_steps"
}

revert() {
    if find_form "$proxy" list; then
        read_rules
        rule_uuid=$uuid
        remove_rule || not_removed
        uuid=$rule_uuid
        remove_certificate || not_removed
    else
        # What was done by hand may have been undone by hand.
        ! is_served || not_removed
    fi
    forget_steps
}

# What a person did by hand need not be listed, as long as it serves.
check() {
    if ! find_form "$proxy" list; then
        is_served || die "DSM does not show its reverse proxy rules: $(explain)."
        return
    fi
    read_rules
    if [ -z "$uuid" ]; then
        echo "DSM has no reverse proxy rule '$description'"
    elif ! has_rule; then
        echo "DSM's reverse proxy rule '$description' is not as this stack made it"
    fi
    list_certificates || die "DSM does not show its certificates: $(explain)."
    if [ -z "$certificate_id" ]; then
        echo "DSM does not have the certificate '$description $fingerprint'"
    elif [ -n "$uuid" ] && ! is_bound; then
        echo "DSM's certificate '$description $fingerprint' is not bound to the reverse proxy rule"
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
