#!/bin/sh
# rootfs.sh <directory>: adds Valkey's data directory and the user the official image has.
set -eu
root=$1
mkdir -p "$root/data"
echo 'valkey:x:999:1000:valkey:/home/valkey:/bin/false' >> "$root/etc/passwd"
echo 'valkey:x:1000:' >> "$root/etc/group"
chown 999:1000 "$root/data"
