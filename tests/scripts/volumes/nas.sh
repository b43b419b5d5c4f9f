# shellcheck shell=sh disable=SC2154,SC2034
# A NAS whose mounts and shared folder are told, between the vendor's script and the probe.
#
# Values: mounts (its /proc/mounts), shared_at (where the shared folder is; "": nowhere), encrypted (paths of locked shared
#         folders' encrypted forms, one a line)

me=0
mount_table() { printf '%s' "$mounts"; }
as_root() {
    case $* in
    "test -d /share/$shared_folder" | "test -d $shared_at") [ -n "$shared_at" ] ;;
    "test -e "*) printf '%s\n' "$encrypted" | grep -qxF -- "$3" ;;
    "readlink -f /share/"* | */synoshare\ --get-real-path\ *) echo "$shared_at" ;;
    *) "$@" ;;
    esac
}
must_be_protected() { true; }
nas_firmware() { firmware=any; }
nas_package() { package=any docker=any daemon_config=any; }
run_docker() {
    case $1 in
    info) echo '{"ServerVersion":"20.10.24"}' ;;
    *) echo "20.10.24 1.41" ;;
    esac
}
