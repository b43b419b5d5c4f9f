# Who is told of a run: the NAS's own notifications, of what failed or warned, and webhooks. None of them changes what the run was.
#
# Values: alert_nas ("yes", or ""), webhooks (lines: KIND all|failures OPERATIONS-with-commas|any URL TOKEN; no blanks in any,
#         addresses and tokens being secrets)

# notify running|ok|warning|failed: of $operation, with $sentence. Fails when somebody could not be told.
notify() {
    # A dry run says nothing of what is due.
    [ -z "${option_dry_run:-}" ] || return 0
    happened=$1 missed=''
    case $happened in
    running) text="$operation began" ;;
    ok) text="$operation: $sentence" ;;
    *) text="$operation $happened: $sentence" ;;
    esac
    text=$(printf '%s' "$text" | printable | tr '\n\t' '  ')
    case $alert_nas:$happened in
    yes:failed) nas_notify err "nas-registry $container_name" "$text" || missed=yes ;;
    yes:warning) nas_notify warning "nas-registry $container_name" "$text" || missed=yes ;;
    esac
    while read -r kind when which url token; do
        request=''
        ! is_wanted || request=$(request_to "$kind")
        [ -z "$request" ] || retry 3 send || {
            progress "the webhook of the kind $kind answered with status $status (000: not at all)"
            missed=yes
        }
    done <<END
$webhooks
END
    [ -z "$missed" ]
}

# Of what begins, and of what went well, only some want to know.
is_wanted() {
    case ",$which," in *",$operation,"* | ,any,) ;; *) return 1 ;; esac
    case $when:$happened in failures:running | failures:ok) return 1 ;; esac
}

# The request, with all that is in it, goes to curl on standard input, so that it is in no list of processes. An address that is
# redirected is not followed: the token is for the one that was given.
send() {
    status=$(printf '%s\n' "$request" | curl --config - --silent --globoff --output /dev/null --write-out '%{http_code}' \
        --connect-timeout 5 --max-time 10) || true
    case $status in 2??) ;; *) return 1 ;; esac
}

# request_to KIND: prints lines for curl's configuration; none where the kind has no word for what happened.
request_to() {
    base=${url%%\?*} query=''
    [ "$base" = "$url" ] || query="?${url#*\?}"
    case $1:$happened in
    healthchecks:running) post "${base%/}/start$query" "$text" ;;
    healthchecks:failed) post "${base%/}/fail$query" "$text" ;;
    healthchecks:*) post "$url" "$text" ;;
    # The address that it shows has an example of a query.
    uptime-kuma:running) ;;
    uptime-kuma:failed) kuma down ;;
    uptime-kuma:*) kuma up ;;
    *:running) ;;
    ntfy:*)
        post "$url" "$text"
        header "Title: nas-registry $container_name"
        header "Priority: $(by_severity 4 3 2)"
        header "Tags: $(by_severity rotating_light warning white_check_mark)"
        [ -z "$token" ] || header "Authorization: Bearer $token"
        ;;
    gotify:*)
        post "${base%/}/message$query" "{\"title\":\"nas-registry $container_name\",\"message\":$(json_text),\"priority\":$(by_severity 8 5 2)}"
        header "Content-Type: application/json"
        header "X-Gotify-Key: $token"
        ;;
    webhook:*)
        post "$url" "{\"registry\":\"$container_name\",\"operation\":\"$operation\",\"outcome\":\"$happened\",\"text\":$(json_text)}"
        header "Content-Type: application/json"
        [ -z "$token" ] || header "Authorization: Bearer $token"
        ;;
    esac
}

# by_severity OF-A-FAILURE OF-A-WARNING OF-SUCCESS
by_severity() {
    case $happened in
    failed) echo "$1" ;;
    warning) echo "$2" ;;
    *) echo "$3" ;;
    esac
}

json_text() { printf '"%s"' "$(printf '%s' "$text" | sed 's/[\\"]/\\&/g')"; }

# setting NAME VALUE: a line of curl's configuration. A value that began with @ would be the name of a file; none here does.
setting() { printf '%s = "%s"\n' "$1" "$(printf '%s' "$2" | sed 's/[\\"]/\\&/g')"; }
header() { setting header "$1"; }

post() { # ADDRESS BODY
    setting url "$1"
    setting request POST
    setting data-binary "$2"
}

kuma() { # up|down
    setting url "$base?status=$1"
    setting get ""
    setting data-urlencode "msg=$text"
}
