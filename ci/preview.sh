#!/bin/sh
# usage: ci/preview.sh STACK REPORT
# Previews a stack with the policy pack and writes a report in Markdown to the file REPORT; ends as the preview ended. The
# NAS is not contacted. Needs Pulumi's CLI, the stack's state (PULUMI_BACKEND_URL) and its passphrase.
#
# REPORT_SECRETS   names of environment variables whose values must not be in the report; Pulumi hides its own secrets
# REPORT_LIMIT     bytes of output in the report; a comment may have 65536 characters, and holds two reports [28000]
set -eu

# shellcheck source=ci/job.sh
. "$(dirname "$0")/job.sh"

stack=$1
report=$2
: "${REPORT_LIMIT:=28000}"
: "${REPORT_SECRETS:=PULUMI_CONFIG_PASSPHRASE PULUMI_ACCESS_TOKEN AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN NAS_SSH_KEY}"
export REPORT_SECRETS

mkdir -p "$(dirname "$report")"

# Replaces the value of every variable named in REPORT_SECRETS, line by line for one of several lines.
hide_secrets() {
    awk '
        BEGIN {
            names = split(ENVIRON["REPORT_SECRETS"], name, " ")
            for (i = 1; i <= names; i++) {
                lines = split(ENVIRON[name[i]], line, "\n")
                for (j = 1; j <= lines; j++) if (line[j] != "") secret[++secrets] = line[j]
            }
        }
        {
            for (i = 1; i <= secrets; i++) {
                shown = ""
                while ((at = index($0, secret[i])) > 0) {
                    shown = shown substr($0, 1, at - 1) "[secret]"
                    $0 = substr($0, at + length(secret[i]))
                }
                $0 = shown $0
            }
            print
        }'
}

# The output is what a pull request makes it, so it must not end its block and become Markdown of its own.
escape_html() {
    sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/@/\&#64;/g'
}

# Whole lines up to the limit, and a line that says so when some are missing.
limit_size() {
    awk -v limit="$REPORT_LIMIT" '
        { size += length($0) + 1 }
        size > limit { cut++; next }
        { print }
        END { if (cut) printf "… %d more lines are in the log of this job.\n", cut }'
}

begin_job
status=0
run_in_job pulumi preview --stack "$stack" --policy-pack policy --diff --non-interactive --color never >"$job/output" 2>&1 ||
    status=$?

# What the NAS and the plugins say is in it, too: nothing that a terminal would obey.
LC_ALL=C tr -d '\000-\010\013-\037\177' <"$job/output" | hide_secrets >"$job/shown"
cat "$job/shown"

verdict="succeeded"
[ "$status" -eq 0 ] || verdict="**failed**"
{
    printf '### %s: preview %s\n\n' "$stack" "$verdict"
    # How many resources are created, updated, deleted, unchanged.
    printf '<pre>\n'
    sed -n '/^Resources:/,/^$/p' "$job/shown" | escape_html
    printf '</pre>\n\n<details><summary>Details</summary>\n\n<pre>\n'
    escape_html <"$job/shown" | LC_ALL=C limit_size
    printf '</pre>\n\n</details>\n'
} >"$report"
exit "$status"
