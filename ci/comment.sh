#!/bin/sh
# usage: ci/comment.sh REPORT...
# Puts the reports into one comment of a pull request: the one that an earlier run made, or a new one. GitHub, Gitea and
# Forgejo have the same API for this.
#
# API_URL        address of the API, for instance https://api.github.com or https://git.example.com/api/v1
# REPOSITORY     owner/name
# PULL_REQUEST   its number
# COMMENT_TOKEN  may read and write comments of pull requests; it is on no command line
set -eu

# By this a later run knows its comment; invisible in the page.
marker="<!-- nas-registry: preview -->"
page_size=100

case $PULL_REQUEST in
'' | *[!0-9]*)
    echo "PULL_REQUEST: '$PULL_REQUEST' is not the number of a pull request." >&2
    exit 1
    ;;
esac

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# api METHOD PATH [BODY-FILE]: prints the answer.
api() {
    method=$1 path=$2
    shift 2
    [ "$#" -eq 0 ] || set -- --header "Content-Type: application/json" --data-binary "@$1"
    # printf is the shell's own, so that no process list has the token.
    printf 'header = "Authorization: token %s"\n' "$COMMENT_TOKEN" |
        curl --config - --silent --show-error --fail-with-body --max-time 60 \
            --request "$method" "$@" "$API_URL/repos/$REPOSITORY/$path"
}

# show FILE: an answer that is an error, without what a terminal would obey.
show() {
    LC_ALL=C tr -d '\000-\010\013-\037\177' <"$1" >&2
}

# The id of the comment that begins with the marker; nothing when there is none.
find_comment() {
    page=1
    previous=
    while :; do
        api GET "issues/$PULL_REQUEST/comments?per_page=$page_size&limit=$page_size&page=$page" >"$work/page" || {
            show "$work/page"
            return 1
        }
        id=$(jq --arg marker "$marker" 'map(select(.body | startswith($marker)))[0].id // empty' "$work/page")
        first=$(jq '.[0].id // empty' "$work/page")
        # A server that knows no pages answers with the same one for ever.
        if [ -n "$id" ] || [ "$(jq length "$work/page")" -lt "$page_size" ] || [ "$first" = "$previous" ]; then
            echo "$id"
            return
        fi
        previous=$first
        page=$((page + 1))
    done
}

{
    printf '%s\n' "$marker"
    for report; do
        cat "$report" 2>/dev/null || printf '### %s was not written; see the log of the job.\n' "$report"
        echo
    done
} >"$work/text"
jq --raw-input --slurp '{body: .}' "$work/text" >"$work/body"

id=$(find_comment) || exit 1
if [ -n "$id" ]; then
    api PATCH "issues/comments/$id" "$work/body" >"$work/answer"
else
    api POST "issues/$PULL_REQUEST/comments" "$work/body" >"$work/answer"
fi || {
    show "$work/answer"
    exit 1
}
