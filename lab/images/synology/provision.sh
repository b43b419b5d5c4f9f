#!/bin/sh
# What depends on the DSM version and on the knobs of this NAS. Runs at every boot; what exists is left alone, because
# DSM's system partition keeps its content.
set -eu
lib=/usr/lib/nas-registry-lab
# shellcheck source=/dev/null
. "$lib/given/nas.env"
first_boot=
[ -e /etc/VERSION ] || first_boot=1

version_file() {
  case $DSM in
    6.2) product=6.2.4 build=25556 ;;
    7.1) product=7.1.1 build=42962 ;;
    *) product=7.2.2 build=72806 ;;
  esac
  cat <<VERSION
majorversion="${product%%.*}"
minorversion="$(echo "$product" | cut -d. -f2)"
micro="${product##*.}"
productversion="$product"
buildphase="GM"
buildnumber="$build"
smallfixnumber="3"
builddate="2025/01/10"
VERSION
}

share() { # name: a shared folder whose new files get everyone's rights whatever the umask, as Synology's ACLs do it
  path=/$VOLUME/$1
  mkdir -p "$path"
  chmod 777 "$path"
  setfacl -d -m u::rwx,g::rwx,o::rwx "$path"
  echo "$1:$path" >> /usr/syno/etc/shares
}

if [ -n "$first_boot" ]; then
  version_file > /etc.defaults/VERSION
  cp /etc.defaults/VERSION /etc/VERSION
  mkdir -p /usr/syno/etc "/$VOLUME/homes"
  echo "homes:/$VOLUME/homes" > /usr/syno/etc/shares
  if [ -z "$SHARED_FOLDER_ABSENT" ]; then share docker; fi
  mkdir -p /var/services
  ln -s "/$VOLUME/homes" /var/services/homes

  cp "$GIVEN/host_key" /etc/ssh/ssh_host_ed25519_key
  cp "$GIVEN/host_key.pub" /etc/ssh/ssh_host_ed25519_key.pub
  chmod 600 /etc/ssh/ssh_host_ed25519_key
  "$lib/sshd_config.sh" /etc/ssh/ssh_host_ed25519_key > /etc/ssh/sshd_config

  if [ "$LOGIN" = root ]; then home=/root; else home=/$VOLUME/homes/$LOGIN; fi
  mkdir -p "$home"
  "$lib/users.sh" 101 "$home" "/$VOLUME/homes"
  case $SUDO in
    nopasswd)
      echo "$LOGIN ALL=(ALL) NOPASSWD: ALL" > /etc/sudoers.d/zzzz-lab
      chmod 440 /etc/sudoers.d/zzzz-lab
      ;;
    none) sed -i '/^%administrators/d' /etc/sudoers ;;
  esac

  case $DSM in
    6.2)
      for tool in synoservicectl synoservice; do ln -s "$lib/bin/synoservicectl" "/usr/syno/sbin/$tool"; done
      ;;
    *)
      ln -s "$lib/bin/systemctl" /usr/bin/systemctl
      ln -s "$lib/bin/systemctl" /usr/syno/bin/synosystemctl
      ;;
  esac
  if [ "$PACKAGE_STATE" != absent ]; then "$lib/package/install"; fi
fi

if "$lib/engine-at-boot.sh"; then "$lib/package/links" add; fi
"$lib/web-server.sh"
# shellcheck disable=SC2034
root=
# shellcheck source=/dev/null
. "$lib/web-api/task-files.sh"
"$lib/cron.sh"
