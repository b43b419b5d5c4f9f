# shellcheck shell=sh
# What a job has on its machine while it runs, and how that goes again. For the scripts that run Pulumi, in the root of the
# working copy.
#
# It is recorded below .nas-registry-jobs, so that ci/forget.sh, a step of its own, also finds what a script left that was
# killed: "transports" has the directories with Docker's key that the program made (components/nas/transport.ts), "agent" the
# process and the socket of the ssh-agent.

jobs=.nas-registry-jobs

begin_job() {
    umask 077
    job=$jobs/$$
    mkdir -p "$job"
    # By this the program knows that it runs in a job.
    NAS_REGISTRY_TRANSPORTS=$PWD/$job/transports
    export NAS_REGISTRY_TRANSPORTS
    child=
    trap 'forget_job "$job"' EXIT
    trap 'stop_job 129' HUP
    trap 'stop_job 130' INT
    trap 'stop_job 143' TERM
}

# run_in_job COMMAND...: in the background, since a shell hears no signal while a command runs in the foreground.
run_in_job() {
    "$@" &
    child=$!
    wait "$child"
}

# stop_job CODE: Pulumi ends what it has begun, records it and then ends.
stop_job() {
    # A second signal would make Pulumi end at once.
    trap '' HUP INT TERM
    if [ -n "$child" ]; then
        # A terminal has told it already.
        [ -t 0 ] || kill -TERM "$child" 2>/dev/null || true
        wait "$child" || true
    fi
    exit "$1"
}

# begin_agent: an ssh-agent for the time of the job.
begin_agent() {
    eval "$(ssh-agent -s)" >/dev/null
    echo "$SSH_AGENT_PID $SSH_AUTH_SOCK" >"$job/agent"
}

# end_agent PID SOCKET
end_agent() {
    # Only while it answers there is the process the agent.
    ! SSH_AUTH_SOCK=$2 ssh-add -D >/dev/null 2>&1 || kill "$1" 2>/dev/null || true
    rm -f "$2"
    case $2 in */ssh-*/agent.*) rmdir "${2%/*}" 2>/dev/null || true ;; esac
}

# forget_transport DIRECTORY
forget_transport() {
    case $1 in
    */.nas-registry/????????????)
        # ssh keeps a connection for a minute after its last use.
        [ ! -S "$1/mux" ] || ssh -F /dev/null -S "$1/mux" -O exit nas </dev/null >/dev/null 2>&1 || true
        rm -rf "$1"
        ;;
    # Somebody else may have something there by now.
    */.nas-registry) rmdir "$1" 2>/dev/null || true ;;
    esac
}

# forget_job DIRECTORY
forget_job() {
    [ ! -f "$1/transports" ] || while read -r made; do forget_transport "$made"; done <"$1/transports"
    [ ! -f "$1/agent" ] || while read -r pid socket; do end_agent "$pid" "$socket"; done <"$1/agent"
    rm -rf "$1"
    rmdir "$jobs" 2>/dev/null || true
}
