#!/bin/sh
# PID 1 of a simulated NAS: shapes it (provision.sh is the vendor's), starts sshd and the engine (unless its
# package is turned off), reaps, stops quickly.
set -u
lib=/usr/lib/nas-registry-lab
# shellcheck source=/dev/null
. "$lib/given/nas.env"

halt() {
  trap '' TERM INT
  # A NAS shuts its containers down; one that lingers is cut off, as by a power button held for long.
  ENGINE_STOP_TENTHS=100 "$lib/engine.sh" stop
  exit 0
}
trap halt TERM INT

mkdir -p /run/sshd /run/nas-registry-lab
rm -rf /tmp/* /run/nas-registry-lab/ready
"$lib/kernel-trees.sh" ${NO_CPU_QUOTA:+no-cpu-quota} || exit 1
"$lib/provision.sh" || exit 1

: > /var/log/sshd.log # logins are counted from here on
while :; do
  /usr/sbin/sshd -D -e -f "$SSHD_CONFIG" >> /var/log/sshd.log 2>&1
  sleep 1
done &

for port in $FOREIGN_PORTS; do
  busybox httpd -p "$port" -h /var/empty
done

if "$lib/engine-at-boot.sh"; then
  "$lib/engine.sh" start || exit 1
  if [ -n "$FOREIGN_CONTAINER" ] && ! "$lib/engine/docker" inspect "$FOREIGN_CONTAINER" > /dev/null 2>&1; then
    # Ends at once when asked to: a number 1 without a handler would hold up every restart for ten seconds.
    "$lib/engine/docker" run -d --name "$FOREIGN_CONTAINER" --restart always busybox:lab \
      sh -c 'trap exit TERM; sleep 2147483647 & wait'
  fi
fi
: > /run/nas-registry-lab/ready

# dash's wait reaps every child that has ended, adopted ones too; the sleep only gives it something to wait for.
while :; do
  sleep 3600 &
  wait $!
done
