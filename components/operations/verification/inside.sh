# What verification does with the images, in a container that has nothing else: a shell and the small tools of the registry's image.
# Somebody may have put anything into the directory: what has no name of distribution's is left alone, no link is followed, and
# nothing but a file is opened.
#
# Words:  read AFTER SECONDS RATE   reads every blob behind the digest AFTER ("": all), for SECONDS at most (0: to the end), RATE bytes
#                                   a second at most (0: any)
#         again                     reads the blobs on standard input twice more
#         aside                     puts those on standard input aside
#         images SPARSE             which images lack something; on standard input what is damaged and still in its place
set -eu
export LC_ALL=C
newline='
'

is_hex() {
    [ ${#1} = 64 ] || return 1
    case $1 in *[!0-9a-f]*) return 1 ;; esac
}
# find_blob HEX: sets $blob to the path of a blob.
find_blob() {
    blob=${1#??}
    blob=blobs/sha256/${1%"$blob"}/$1/data
}
is_blob() { is_hex "$1" && find_blob "$1" && is_anything "$blob"; }
is_file() { [ -f "$1" ] && [ ! -h "$1" ]; }
is_anything() { [ -e "$1" ] || [ -h "$1" ]; }

# What is missing here must not look as if blobs were.
for tool in awk dd find ls sed sha256sum stat sync xargs; do
    command -v "$tool" >/dev/null || { echo "nas-registry: the registry's image has no '$tool'." >&2 && exit 1; }
done
# Where nothing was pushed yet there is nothing.
v2=/var/lib/registry/docker/registry/v2
if is_anything "$v2"; then
    cd "$v2"
    case $1 in
    read) list_blobs "$2" | read_blobs "$2" "$3" "$4" ;;
    again) read_again ;;
    aside) put_aside ;;
    images) check_images "$2" ;;
    esac
elif [ "$1" = read ]; then
    echo "mark - 0 0${newline}end"
fi
