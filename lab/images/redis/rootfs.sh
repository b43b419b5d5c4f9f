#!/bin/sh
# rootfs.sh <directory>: adds Redis' data directory and the user the official image has.
set -eu
root=$1
mkdir -p "$root/data"
echo 'redis:x:999:1000:redis:/home/redis:/bin/false' >> "$root/etc/passwd"
echo 'redis:x:1000:' >> "$root/etc/group"
chown 999:1000 "$root/data"
