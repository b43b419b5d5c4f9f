# shellcheck shell=sh disable=SC2154,SC2034
# What the vendor's script answers on a host that is a directory ($root), one a line.
#
# Values: root, programs (directory with the host's commands), paths (that are asked about, spaces between them)

apply() {
    # Nothing of the machine that this runs on could be asked, or restarted.
    PATH=$programs
    nas_firmware
    nas_package
    echo "firmware=$firmware"
    echo "docker=$docker"
    echo "daemonConfig=$daemon_config"
    echo "folder=$(nas_shared_folder "")"
    echo "start=$(nas_how_to_start)"
    nas_warnings | sed 's/^/warning=/'
    for path in $paths; do
        data=$path
        echo "$path is on '$(nas_volume_of "$path")', its registry in '$(nas_control_directory "")', and it $(nas_keeps "$path" && echo stays || echo goes)"
    done
    nas_check_running
    nas_restart_daemon
}

dispatch "$@" </dev/null
