# A block of our own in a configuration file that may be somebody else's: between two comments that name the registry.

begin_mark="# nas-registry $registry begin"
end_mark="# nas-registry $registry end"
# First line of a file that was not there before; the file goes when nothing else is left in it.
file_mark="# made by nas-registry$newline"

# without_block: standard input without it; fails when its comments no longer enclose one block.
without_block() {
    awk -v begin="$begin_mark" -v end="$end_mark" '
        { line = $0; gsub(/^ +|[ \r]+$/, "", line) } # An editor may have given all lines another end.
        line == begin && !found { found = inside = 1; next }
        line == end && inside { inside = 0; next }
        index(line, begin) == 1 || index(line, end) == 1 { broken = 1 }
        !inside { print }
        END { exit inside || broken }'
}

# block INDENT TEXT
block() { printf '%s\n' "$begin_mark" "$2" "$end_mark" | sed "s/^/$1/"; }

# others PATH: what somebody else has written in the file; nothing where there is none. A block whose end somebody has changed
# would take the rest of the file with it.
others() {
    as_root test -f "$1" || return 0
    as_root cat "$1" | without_block ||
        die "the comments '$begin_mark' and '… end' in '$1' no longer enclose one block: delete the block by hand and run this again."
}

# settle_blocks PATH COMMAND...: the file goes through the command, and is made where there is to be a block in it.
settle_blocks() {
    as_root test -f "$1" || case $trust in
    authority | insecure) own_file "$1" "$file_mark" ;;
    *) return 0 ;;
    esac
    edit "$@"
    [ "$(content_of "$1")" != "$file_mark." ] || own_file "$1" ""
}
