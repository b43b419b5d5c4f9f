# What differs from NAS to NAS: the functions that scripts ask, and what most NASes answer. The script of the vendor comes after
# this one and defines anew what is otherwise there; those without a body here it must define. The scripts know no vendor's name.
#
# A function either prints its answer or sets the variables named here; it ends with die where it cannot go on. What needs
# root is run by as_root. Values: package, docker, docker_env and daemon_config, as nas_package has set them for the probe.
#
#   nas_firmware                  sets $firmware, for instance "DSM 7.2.2-72806"
#   nas_package                   sets $package (what holds the Docker Engine, for messages), $docker (absolute path of the
#                                 command), $daemon_config (path of the daemon's file, which need not exist), and $docker_env to
#                                 "NAME=value" where docker needs a variable
#   nas_shared_folder NAME        prints the real path of a shared folder, nothing where there is no such folder; where the
#                                 vendor has no shared folders NAME is empty, and the answer the directory for data
#   nas_volume_of PATH            prints the mount point of the data volume that a path is on, nothing where it is on none
#   nas_control_directory FOLDER  prints the directory for the configuration of registries with data in this folder: outside of
#                                 shared folders, below directories that only root can write
#   nas_how_to_start              prints how a person starts the Docker Engine, for messages: "start it in …, or with '…'"
#   nas_restart_daemon            restarts the Docker Engine; fails where the vendor's command does
#   nas_dockerd                   prints the path of the daemon's program, which need not exist

# Ends with die where the engine is known not to run, for instance because its package is stopped; the probe waits otherwise.
nas_check_running() { true; }
# Ends with die where the vendor's web server imports no certificate with a key of $imported_key (rsa, ec, "": none is to be).
nas_check_import() { true; }
# Sentences, one a line, about what a person should know of this NAS before anything is changed on it.
nas_warnings() { true; }
# nas_unfit PATH: prints why no images can be there, though a disk may be; nothing where they can.
nas_unfit() { true; }
# The directories, one a line, which others may write to and the vendor all the same runs programs from as root (see lib.sh).
nas_ground() { true; }
# nas_share_writers NAME FOLDER: who may write in that shared folder, or, where the vendor has none, in the directory that the
# data is in; with commas or newlines between them, administrators or not.
nas_share_writers() { true; }
# Whether the daemon's file is there once Docker has run; otherwise it is made when there is something to put into it.
nas_has_daemon_file() { true; }
# The directories, one a line, in which the daemon may look for the certificates of registries.
nas_certs_directories() { echo /etc/docker/certs.d; }
# nas_keeps PATH: whether a file outlives a restart of the NAS.
nas_keeps() { true; }
# The file that lets the SSH user use sudo.
nas_sudoers() { echo /etc/sudoers.d/nas-registry; }

# The NAS's own scheduler, for scripts that have schedule.sh and what the vendor has beside it. One entry, which people see as
# TITLE (letters, digits, blanks, dots, _ and -), runs `/bin/sh PROGRAM tick` as root every five minutes. PROGRAM is an absolute path
# without blanks and quotes; the script is root.
#
#   nas_scheduler                        prints where a person sees the entry
#   nas_schedule TITLE PROGRAM           makes the entry, or puts it right; twice is as good as once
#   nas_unschedule TITLE PROGRAM         takes it away; one of the same title that runs something else is not ours
#   nas_schedule_problem TITLE PROGRAM   prints what is wrong with the entry, in a sentence without a dot; nothing when it is right

# The NAS's own snapshots, for scripts that have what the vendor has for them, of the registry $container_name; the script is root.
#
#   nas_snapshot_source PATH     sets $snapshot_of to what holds a directory and can have snapshots, for messages, or ends with die
#   nas_snapshots                prints the names of those that this registry has made of it and nobody has locked, the oldest first
#   nas_snapshot                 makes one; what made it can be told from its name or description
#   nas_remove_snapshot NAME     removes one of nas_snapshots

# nas_notify err|warning TITLE TEXT: tells the people who look after this NAS; both are one line.
nas_notify() { logger -t "$2" -p "user.$1" -- "$3"; }

# What the functions above may ask.

require_root() { # what for
    [ "$privilege" != group ] ||
        die "connection.user: only root can change $1: let connection.user be root, or an administrator whose sudo asks for no password."
}

# Source, mount point, file system and options of each mount, as the kernel has them.
mount_table() { cat /proc/mounts; }

# mount_of PATH: file system, options, source and mount point of what the path is, or would be, on. The kernel has \040 for a
# space in a mount point, so the path is compared in that form. Of two at one point the later hides the earlier.
mount_of() {
    mount_table | path=$(echo "$1/" | sed 's/\\/\\134/g; s/ /\\040/g; s/	/\\011/g') awk '
        { point = $2; sub(/\/*$/, "/", point) }
        index(ENVIRON["path"], point) == 1 && length(point) >= longest {
            longest = length(point)
            gsub(/\\040/, " ", $2)
            found = $3 " " $4 " " $1 " " $2
        }
        END { print found }'
}

# disks_at PATTERN: the mount points, one a line, that the pattern of awk's matches, of disks with file systems that know owners.
disks_at() {
    mount_table | awk -v pattern="^$1\$" '$2 ~ pattern && $3 ~ /^(ext[234]|btrfs|xfs|zfs)$/ { print $2 }' | sort -u
}

# volume_of PATH PATTERN: which of these disks the path is on, and on nothing else that is mounted in it but an encrypted folder.
volume_of() {
    case $(mount_of "$1") in
    ext[234]\ * | btrfs\ * | xfs\ * | zfs\ * | ecryptfs\ *) ;;
    *) return ;;
    esac
    disks_at "$2" | while read -r volume; do
        case $1 in "$volume"/?*) echo "$volume" ;; esac
    done
}

# said_of_locked FOLDER ENCRYPTED: of a shared folder whose encrypted form is there and its contents are not.
said_of_locked() {
    case $(mount_of "$1") in
    *" $1") ;;
    *) ! as_root test -e "$2" || echo "is in a shared folder that is encrypted and locked" ;;
    esac
}
