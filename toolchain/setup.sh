#!/bin/sh
# setup.sh [tests|bench]: installs what this repository needs to build and demonstrate itself, or also to test or measure itself: Debian
# packages (as root on Debian and its relatives; otherwise it lists what is missing), the npm dependencies, and the
# toolchain. Does nothing where nothing is missing. Prints one line a step with its time.
set -eu
cd "$(dirname "$0")/.."

# step TITLE COMMAND...: the command's output is shown only when it fails.
step() {
    title=$1
    shift
    began=$(date +%s)
    log=$(mktemp)
    if "$@" >"$log" 2>&1; then
        printf '%5ss  %s\n' "$(($(date +%s) - began))" "$title"
        rm -f "$log"
    else
        cat "$log" >&2
        rm -f "$log"
        printf 'failed: %s\n' "$title" >&2
        exit 1
    fi
}

# One line each: the command that is looked for, and the Debian package that has it.
needed_commands() {
    cat <<'END'
ssh openssh-client
ssh-agent openssh-client
sftp openssh-client
curl curl
shellcheck shellcheck
busybox busybox
dash dash
mawk mawk
gawk gawk
jq jq
openssl openssl
ip iproute2
END
    [ "$purpose" != bench ] || echo "ansible-playbook ansible"
    # An engine that runs is used as it is; otherwise the lab starts one of its own.
    docker info >/dev/null 2>&1 || cat <<'END'
dockerd docker.io
iptables iptables
END
    docker image inspect debian:bookworm-slim >/dev/null 2>&1 || echo "mmdebstrap mmdebstrap"
}

missing_packages() {
    needed_commands | while read -r command package; do
        command -v "$command" >/dev/null 2>&1 || [ -x "/usr/sbin/$command" ] || [ -x "/sbin/$command" ] || echo "$package"
    done | sort -u | tr '\n' ' '
}

install_packages() {
    apt-get update -q
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $1
}

node_modules_are_current() {
    [ -x node_modules/.bin/tsx ] && [ -n "$(find node_modules/.package-lock.json -newer package-lock.json)" ]
}

compiled_is_current() {
    [ -f bin/index.js ] && [ -z "$(find components policy index.ts tsconfig.build.json -type f -newer bin/index.js)" ]
}

require_node() {
    major=0
    ! command -v npm >/dev/null || major=$(node -p 'process.versions.node.split(".")[0]')
    if [ "$major" -lt 20 ]; then
        echo "Node.js 20 or newer with npm is needed: https://nodejs.org" >&2
        exit 1
    fi
}

purpose=${1:-}
require_node
packages=$(missing_packages)
if [ -n "$packages" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        # A package that Debian's policy would start as a service stays stopped: the lab starts its own.
        step "Debian packages: $packages" install_packages "$packages"
    else
        echo "Please install these and run the same command again (Debian's names): $packages" >&2
        exit 1
    fi
fi
node_modules_are_current || step "npm dependencies" npm ci --no-audit --no-fund --loglevel=error
compiled_is_current || step "the package, compiled" npm run --silent build
exec node_modules/.bin/tsx toolchain/cli.ts "$@"
