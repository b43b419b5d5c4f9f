#!/bin/sh
# rootfs.sh <directory>: a root file system of busybox and the users every small image has.
set -eu
root=$1
mkdir -p "$root/bin" "$root/usr/bin" "$root/etc" "$root/root" "$root/home"
mkdir -p "$root/tmp" "$root/var/tmp"
chmod 1777 "$root/tmp" "$root/var/tmp"
cp /bin/busybox "$root/bin/busybox"
/bin/busybox --list | while read -r applet; do
  if [ "$applet" != busybox ]; then ln -s busybox "$root/bin/$applet"; fi
done
printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n' > "$root/etc/passwd"
printf 'root:x:0:\nnobody:x:65534:\n' > "$root/etc/group"
# Names are looked up in files first, as Alpine does it.
echo 'hosts: files dns' > "$root/etc/nsswitch.conf"
