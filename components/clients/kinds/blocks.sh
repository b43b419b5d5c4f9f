# shellcheck shell=sh disable=SC2154
# Blocks of our own in a configuration file that may be somebody else's: between two comments that name the registry.

begin_mark="# nas-registry $registry begin"
end_mark="# nas-registry $registry end"
# First line of a file that was not there before; the file goes when nothing else is left in it.
file_mark="# made by nas-registry"

without_block() {
    awk -v begin="$begin_mark" -v end="$end_mark" '
        { line = $0; sub(/^ +/, "", line) }
        line == begin { inside = 1 }
        !inside { print }
        line == end { inside = 0 }'
}

# check_block PATH: a block whose end somebody has changed would take the rest of the file with it.
check_block() {
    as_root test -f "$1" || return 0
    as_root cat "$1" | awk -v begin="$begin_mark" -v end="$end_mark" '
        { sub(/^ +/, "") }
        index($0, begin) == 1 || index($0, end) == 1 { marks = marks ($0 == begin ? "(" : $0 == end ? ")" : "?") }
        END { exit marks != "" && marks != "()" }' ||
        die "the comments '$begin_mark' and '… end' in '$1' no longer enclose one block: delete the block by hand and run this again."
}

# make_file PATH: so that there is something to edit.
make_file() {
    as_root test -f "$1" || put "$file_mark$newline" "$1"
}

# remove_made_file PATH: when only our first line is left of it.
remove_made_file() {
    [ "$(content_of "$1")" != "$file_mark$newline." ] || remove "$1"
}
