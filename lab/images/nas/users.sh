#!/bin/sh
# Adds the administrator the lab was asked for (if not root), hands the client's key to whoever logs in, and adds mallory, who
# is no administrator. Called by the vendors' provision.sh: users.sh <administrators group id> <home of the login> <homes>
set -eu
# shellcheck source=/dev/null
. /usr/lib/nas-registry-lab/given/nas.env
administrators=$1
home=$2
homes=$3

if ! grep -q '^mallory:' /etc/passwd; then
  echo "mallory:x:$MALLORY::$homes/mallory:/bin/sh" >> /etc/passwd
  echo 'mallory:*:19000:0:99999:7:::' >> /etc/shadow
fi
mkdir -p "$homes/mallory"
chown "$MALLORY" "$homes/mallory"
chmod 700 "$homes/mallory"

if [ "$LOGIN" != "$SUPERUSER" ] && ! grep -q "^$LOGIN:" /etc/passwd; then
  echo "$LOGIN:x:1026:100::$home:/bin/sh" >> /etc/passwd
  # Nobody logs in with this password (sshd takes keys only); sudo may ask for it.
  echo "$LOGIN:$(openssl passwd -6 lab):19000:0:99999:7:::" >> /etc/shadow
  # In place through a copy: /etc/group can be a symbolic link to where the vendor keeps it.
  awk -F: -v OFS=: -v gid="$administrators" -v user="$LOGIN" \
    '$3 == gid { $4 = $4 == "" ? user : $4 "," user } { print }' /etc/group > /tmp/group
  cat /tmp/group > /etc/group
  rm /tmp/group
fi

keys=$home/.ssh
mkdir -p "$keys"
# Added, not replaced: keys that were authorized before a reboot stay.
touch "$keys/authorized_keys"
if ! grep -qxF "$(cat "$GIVEN/authorized_keys")" "$keys/authorized_keys"; then
  cat "$GIVEN/authorized_keys" >> "$keys/authorized_keys"
fi
chmod 755 "$home"
chmod 700 "$keys/."
chmod 600 "$keys/authorized_keys"
if [ "$LOGIN" != "$SUPERUSER" ]; then chown -R 1026:100 "$home"; fi
