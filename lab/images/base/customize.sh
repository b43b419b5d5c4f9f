#!/bin/sh
# Makes a fresh Debian root ("$1") the common ground of every lab image: the Docker Engine moves off the PATH (each
# vendor decides where `docker` may be found), services of Debian's own that nothing here uses go away.
set -eu
root=${1%/}
engine=$root/usr/lib/nas-registry-lab/engine
mkdir -p "$engine"

for name in docker dockerd containerd containerd-shim-runc-v2 ctr runc docker-proxy; do
  for dir in usr/bin usr/sbin; do
    if [ -f "$root/$dir/$name" ]; then mv "$root/$dir/$name" "$engine/$name"; fi
  done
done

# docker-init is a link to tini: the program itself takes its place.
rm "$root/usr/bin/docker-init"
mv "$root/usr/bin/tini-static" "$engine/docker-init"

rm -rf "$root/usr/bin/tini" "$root/usr/bin/containerd-stress" "$root/usr/bin/containerd-shim" "$root/usr/bin/containerd-shim-runc-v1" \
  "$root/etc/docker" "$root"/etc/init.d/* "$root"/etc/ssh/ssh_host_* "$root/var/lib/valkey" "$root/var/log/valkey" \
  "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/* "$root"/var/cache/debconf/* \
  "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale
# sshd and sudo want these; the group of Docker's socket is each vendor's choice.
sed -i '/^docker:/d' "$root/etc/group" "$root/etc/gshadow"
