#!/bin/sh
# usage: ci/up.sh STACK
# Updates a stack, with the policy pack and without questions: the approval is the environment's of the workflow. Needs
# what ci/preview.sh needs, a way to the NAS, and a key for it: NAS_SSH_KEY, or the ssh-agent that runs already. However it
# ends, no key stays on the machine that was not there before.
#
# NAS_SSH_KEY   private key in OpenSSH format; it is in an ssh-agent for the time of the update and in no file
set -eu

# shellcheck source=ci/job.sh
. "$(dirname "$0")/job.sh"

stack=$1

begin_job
if [ -n "${NAS_SSH_KEY:-}" ]; then
    begin_agent
    printf '%s\n' "$NAS_SSH_KEY" | tr -d '\r' | ssh-add -q - || {
        echo "NAS_SSH_KEY: it must be the text of a private key in OpenSSH format, without passphrase." >&2
        exit 1
    }
    # Neither the program nor its plugins need it any more.
    unset NAS_SSH_KEY
fi

run_in_job pulumi up --stack "$stack" --policy-pack policy --yes --diff --non-interactive --color never
