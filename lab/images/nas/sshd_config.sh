#!/bin/sh
# Prints an sshd configuration as the vendors ship it: keys only, no SFTP subsystem, no TCP forwarding, a PATH without
# Docker. sshd_config.sh <host key file>
set -eu
# shellcheck source=/dev/null
. /usr/lib/nas-registry-lab/given/nas.env
cat <<CONFIG
Port 22
HostKey $1
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
UseDNS no
AllowTcpForwarding no
X11Forwarding no
PrintMotd no
LogLevel INFO
SetEnv PATH=/usr/bin:/bin:/usr/sbin:/sbin
CONFIG
if [ -n "$MAX_STARTUPS" ]; then echo "MaxStartups $MAX_STARTUPS"; fi
