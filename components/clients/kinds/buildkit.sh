# BuildKit outside of the Docker Engine: the registry's table at the end of a buildkitd.toml; other tables stay as they are.
# As root the file of a buildkitd service; as somebody else the one that 'docker buildx create' gives to new builders.

buildkit_find() {
    label=BuildKit commands="buildkitd docker"
    buildkit_directory=${BUILDX_CONFIG:-$HOME/.docker/buildx}
    buildkit_file=$buildkit_directory/buildkitd.default.toml
    if [ "$(id -u)" = 0 ]; then
        buildkit_directory=/etc/buildkit
        buildkit_file=$buildkit_directory/buildkitd.toml
    fi
    buildkit_certificate=$buildkit_directory/nas-registry/$registry.crt
}

# Reads a buildkitd.toml, and prints why no table can be put behind it: TOML allows a table once only, and none below a value; or
# what buildkitd refuses itself. Keys are compared without their quotes.
why_no_table() {
    LC_ALL=C awk -v registry="$registry" '
        function found(what) { if (problem == "") problem = what }
        NR == 1 && /^(\357\273\277|\377\376|\376\377)/ { found("a byte order mark, which buildkitd refuses") }
        { sub(/\r$/, "") }
        /\r/ { found("line ends of old Macs, which buildkitd refuses") }
        quotes != "" { if (index($0, quotes)) quotes = ""; next } # A text of several lines.
        match($0, /[=,[][ \t]*("""|\047\047\047)/) {
            quotes = substr($0, RSTART + RLENGTH - 3, 3)
            if (index(substr($0, RSTART + RLENGTH), quotes)) quotes = ""
        }
        /^[ \t]*\[/ || /^[^#]*=/ {
            is_table = /^[ \t]*\[/
            sub(is_table ? "[ \t]#.*" : "=.*", "")
            gsub(/["\047 \t]/, "")
            if (/\\/) found("a key with a backslash")
            path = $0
            gsub(/^\[\[?|\]\]?$/, "", path)
            if (is_table) table = path
            else if (table != "") path = table "." path
            if (path == "registry" && (!is_table || /^\[\[/)) found("the registries in a form to which nothing can be added")
            if (index(path ".", "registry." registry ".") == 1) found("an entry of " registry " already")
        }
        END { print problem }'
}

with_table() {
    without_block
    [ -z "$table" ] || block "" "$table"
}

buildkit_settle() {
    table="[registry.\"$registry\"]$newline  "
    case $trust in
    authority) table="${table}ca = [\"$buildkit_certificate\"]" ;;
    insecure) table="${table}http = true" ;;
    *) table= ;;
    esac
    written=$(others "$buildkit_file")
    problem=$(printf '%s\n' "$written" | why_no_table)
    [ -z "$table" ] || [ -z "$problem" ] ||
        die "'$buildkit_file' has $problem, so it is left alone; add this to it by hand:
$table"
    own_file "$buildkit_certificate" "$ca_certificate"
    settle_blocks "$buildkit_file" with_table
    how=": 'docker buildx create --use --config $buildkit_file'"
    [ "$trust" = public ] ||
        hint="A buildkitd reads $buildkit_file when it starts, a builder when it is made${table:+$how}."
}
