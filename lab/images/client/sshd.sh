#!/bin/sh
# Lets the key in $AUTHORIZED_KEY log in to a client: as root, and as anna, whose sudo asks for no password and who may not
# open Docker's socket.
set -eu
useradd --create-home --shell /bin/sh anna
echo 'anna ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/anna
chmod 440 /etc/sudoers.d/anna
for home in /root /home/anna; do
  mkdir -p "$home/.ssh"
  echo "$AUTHORIZED_KEY" >"$home/.ssh/authorized_keys"
done
# An account without a password is a locked one to sshd.
usermod --password '*' anna
chown -R anna:anna /home/anna
ssh-keygen -q -t ed25519 -N "" -f /etc/ssh/ssh_host_ed25519_key
mkdir -p /run/sshd
/usr/sbin/sshd -o PasswordAuthentication=no -o UsePAM=no
