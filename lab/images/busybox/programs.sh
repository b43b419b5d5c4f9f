#!/bin/sh
# programs.sh <directory> <target> <program>...: copies programs to <directory><target>, with the libraries they need.
set -eu
root=$1
target=$2
shift 2
mkdir -p "$root$target"
# Programs can be links to one another: copy what they point at.
cp -L --remove-destination "$@" "$root$target/"
ldd "$@" |
  sed -n 's/.* => \(\/[^ ]*\).*/\1/p; s/^[[:space:]]*\(\/lib[^ ]*\) (.*/\1/p' | sort -u |
  while read -r library; do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
