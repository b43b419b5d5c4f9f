#!/bin/sh
# Opens to this container what its own Docker Engine must write. Docker mounts these trees read-only in a container that
# is not privileged; CAP_SYS_ADMIN may open them again. `kernel-trees.sh no-cpu-quota` also takes the CPU controllers
# away: an engine started then refuses NanoCpus with Synology's very words.
set -eu

mount -o remount,rw /sys
mount -o remount,rw /proc/sys

if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  # Control groups version 2: controllers can be handed down only from a group without processes of its own.
  mount -o remount,rw /sys/fs/cgroup
  mkdir -p /sys/fs/cgroup/init
  while read -r pid; do
    echo "$pid" > /sys/fs/cgroup/init/cgroup.procs 2>/dev/null || :
  done < /sys/fs/cgroup/cgroup.procs
  if [ "${1-}" = no-cpu-quota ]; then
    sed 's/\bcpu\b//' /sys/fs/cgroup/cgroup.controllers > /run/cgroup.controllers
    mount --bind /run/cgroup.controllers /sys/fs/cgroup/cgroup.controllers
  fi
  tr ' ' '\n' < /sys/fs/cgroup/cgroup.controllers | while read -r controller; do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done
  exit 0
fi

# Version 1: one mount per controller, made read-only by a flag of the mount, hence remount,bind.
while read -r _ dir type _; do
  if [ "$type" = cgroup ]; then echo "$dir"; fi
done < /proc/mounts | while read -r dir; do
  mount -o remount,bind,rw "$dir"
  if [ "${1-}" = no-cpu-quota ]; then
    case ${dir##*/} in
      cpu | cpuacct | cpu,cpuacct | cpuacct,cpu) umount "$dir" ;;
    esac
  fi
done
