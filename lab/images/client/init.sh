#!/bin/sh
# PID 1 of a client: its own engine; and sshd, when a key is given that may log in.
set -u
lib=/usr/lib/nas-registry-lab
halt() {
  trap '' TERM INT
  ENGINE_STOP_TENTHS=50 "$lib/engine.sh" stop
  exit 0
}
trap halt TERM INT

mkdir -p /run/nas-registry-lab
"$lib/kernel-trees.sh" || exit 1
[ -z "${CONTAINERD_STORE-}" ] || { mkdir -p /etc/docker && echo '{"features":{"containerd-snapshotter":true}}' >/etc/docker/daemon.json; }
"$lib/engine.sh" start || exit 1
if [ -n "${AUTHORIZED_KEY-}" ]; then "$lib/sshd.sh" || exit 1; fi
: > /run/nas-registry-lab/ready
while :; do
  sleep 3600 &
  wait $!
done
