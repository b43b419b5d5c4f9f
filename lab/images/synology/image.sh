#!/bin/sh
# Shapes the Debian base into DSM, as far as it is the same for every DSM (the rest: provision.sh).
set -eu
lib=/usr/lib/nas-registry-lab
chmod 755 "$lib"/*.sh "$lib"/*.pl "$lib"/bin/* "$lib"/package/*
mkdir -p /usr/syno/bin /usr/syno/sbin /var/packages /etc.defaults /usr/local/bin /etc/sudoers.d /var/empty

for tool in synopkg synogetkeyvalue synoacltool synoschedtask synowebapi synologset1 synodsmnotify; do ln -s "$lib/bin/$tool" "/usr/syno/bin/$tool"; done
ln -s "$lib/bin/synoshare" /usr/syno/sbin/synoshare

# DSM has neither; what is left of Valkey and gosu belongs to the cache's image, which is made from the same base.
rm -f /usr/bin/getent /usr/sbin/visudo /usr/bin/valkey-* /usr/sbin/gosu /usr/lib/openssh/sftp-server

# What is served is DSM's own (nginx.conf beside this file).
rm -rf /etc/nginx/sites-enabled/* /var/www
mkdir -p /etc/nginx/app.d

# administrators is group 101 on DSM; Debian gave that number to one of its own.
sed -i '/^[^:]*:[^:]*:101:/d' /etc/group
echo 'administrators:x:101:' >> /etc/group
sed -i 's/^root:[^:]*:/root:*:/' /etc/shadow

cat > /etc/sudoers <<'SUDOERS'
Defaults secure_path="/usr/bin:/bin:/usr/sbin:/sbin"
root ALL=(ALL) ALL
%administrators ALL=(ALL) ALL
@includedir /etc/sudoers.d
SUDOERS
chmod 440 /etc/sudoers
