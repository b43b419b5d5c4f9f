#!/bin/sh
# usage: ci/forget.sh
# Takes from the machine what scripts of this working copy have left there because they were killed: Docker's keys and
# connections, the ssh-agent, output. The last step of a job; not while another one runs in the same working copy.
set -eu

# shellcheck source=ci/job.sh
. "$(dirname "$0")/job.sh"

for left in "$jobs"/*; do
    [ ! -d "$left" ] || forget_job "$left"
done
