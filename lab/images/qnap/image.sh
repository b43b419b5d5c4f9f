#!/bin/sh
# Shapes the Debian base into QTS: the read-only part, which every boot starts from again.
set -eu
lib=/usr/lib/nas-registry-lab
chmod 755 "$lib"/*.sh "$lib"/bin/* "$lib"/container-station/*.sh "$lib"/container-station/bin/* \
  "$lib"/container-station/script/*
mkdir -p /share /etc/config /var/empty /usr/etc

ln -s "$lib/bin/getcfg" /sbin/getcfg
ln -s "$lib/bin/setcfg" /sbin/setcfg
ln -s "$lib/bin/log_tool" /sbin/log_tool
ln -s "$lib/bin/crond.sh" /etc/init.d/crond.sh
ln -s /usr/bin/busybox /usr/bin/crontab
# What a new QTS has in its cron table; there is no clock to set here.
ln -sf /bin/true /sbin/hwclock

# Missing on QTS, or not known to be there.
for name in jq pgrep pkill comm base64 getent; do rm -f "/usr/bin/$name"; done
rm -f /usr/sbin/visudo /usr/sbin/nginx /usr/lib/openssh/sftp-server /usr/bin/valkey-* /usr/sbin/gosu

# Number 0 is called admin:administrators; there is no root to name. Users and groups live in /etc/config.
for file in passwd shadow group; do
  sed -i 's/^root:[^:]*:/admin:*:/' "/etc/$file"
  mv "/etc/$file" "$lib/$file"
done
sed -i 's/^admin:.*/admin:x:0:0:administrator:\/root:\/bin\/sh/; s/:\/usr\/sbin\/nologin$/:\/bin\/false/' "$lib/passwd"
sed -i 's/^admin:.*/administrators:x:0:admin/; s/^users:/everyone:/' "$lib/group"
for file in passwd shadow group; do ln -s "/etc/config/$file" "/etc/$file"; done
rm -f /etc/passwd- /etc/shadow- /etc/group- /etc/gshadow /etc/gshadow-

# QTS' own are busybox's, of an age that is not known: an mv without -T, a stat and a find without GNU's formats.
for name in chown find ls stat; do ln -sf busybox "/usr/bin/$name"; done
ln -sf "$lib/bin/mv" /usr/bin/mv

rm -rf /root
mkdir -m 700 /root
ln -s /etc/config/ssh /root/.ssh

rm -f /etc/sudoers
cat > /usr/etc/sudoers <<'SUDOERS'
Defaults runas_default=admin
Defaults secure_path="/usr/bin:/bin:/usr/sbin:/sbin"
admin ALL=(ALL) ALL
%administrators ALL=(ALL) ALL
SUDOERS
chmod 440 /usr/etc/sudoers
ln -s /usr/etc/sudoers /etc/sudoers
