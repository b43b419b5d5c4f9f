# shellcheck shell=sh disable=SC2154
# Makes the Docker Engine of this Linux machine trust the registry; run as root:
#   pulumi stack output clientSetup | sudo sh
# Undo: sudo rm -r "/etc/docker/certs.d/<registry>". No restart is needed.
set -eu
mkdir -p "/etc/docker/certs.d/$registry"
printf '%s' "$ca_certificate" >"/etc/docker/certs.d/$registry/ca.crt"
chmod 644 "/etc/docker/certs.d/$registry/ca.crt"
echo "Docker on this machine now trusts $registry."
