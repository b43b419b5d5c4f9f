# shellcheck shell=sh disable=SC2154
# A make of NAS whose daemon looks for certificates in two places, on a disk ($disk) of the test.

nas_certs_directories() { printf '%s\n' "$disk/one/certs.d" "$disk/two/certs.d"; }
