#!/bin/sh
# rootfs.sh <directory>: all that regclient's images have beside their program: a user, a home, CA certificates.
set -eu
root=$1
mkdir -p "$root/etc/ssl/certs" "$root/home/appuser" "$root/tmp"
chmod 1777 "$root/tmp"
chown 1000:1000 "$root/home/appuser"
printf 'root:x:0:0:root:/root:/bin/sh\nappuser:x:1000:1000::/home/appuser:/bin/sh\n' > "$root/etc/passwd"
printf 'root:x:0:\nappuser:x:1000:\n' > "$root/etc/group"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
