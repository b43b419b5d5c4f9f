# k3s: the registry's entry in registries.yaml, which k3s reads when it starts; other entries stay as they are. A file that
# cannot be changed line by line is left alone, and what to add is printed.

k3s_find() {
    label=k3s commands=k3s
    [ ! -d /etc/rancher/k3s ] || commands=
    k3s_file=/etc/rancher/k3s/registries.yaml
    k3s_certificate=/etc/rancher/k3s/nas-registry/$registry.crt
    # Behind the name of a section that was not there before, or whose value with nothing in it stands behind this; it goes when
    # nothing else is left in the section.
    section_mark="# nas-registry"
}

k3s_check() {
    [ "$(id -u)" = 0 ] || die "only root may change what k3s trusts: run this with 'sudo sh'."
}

k3s_by_hand() {
    die "'$k3s_file' has $1, so it is left alone; add this to it by hand and restart k3s:
$section:
$(echo "$entry" | sed 's/^/  /')"
}

# look_at_section: reads a registries.yaml, and sets what is to be known of $section: $at, the line that begins it (0: there is
# none); $end, the last line of the first document, as k3s reads no other; $top and $inner, how far in sections and this one's
# entries are (-: it has none); and $problem, why no line can be put in: a form other than block style, or what k3s refuses.
look_at_section() {
    looks=$(LC_ALL=C awk -v section="$section" -v registry="$registry" '
        function found(what) { if (problem == "") problem = what }
        function is_entry(text) { # Whether a line without its indentation begins one; sets $key, and $behind to what follows the colon.
            if (!match(text, /^("[^"\\]*"|\047[^\047]*\047|[A-Za-z0-9_.]([^: \t]|:[^ \t])*)[ \t]*:([ \t]|$)/)) return 0
            key = substr(text, 1, RLENGTH)
            behind = substr(text, RLENGTH + 1)
            sub(/[ \t]*:[ \t]?$/, "", key)
            gsub(/^["\047]|["\047]$/, "", key)
            return 1
        }
        NR == 1 { sub(/^\357\273\277/, "") }
        { sub(/\r$/, "") }
        /\r/ { found("line ends of old Macs") }
        over { next }
        /^(---|\.\.\.)([ \t]|$)/ {
            if (begun || /^\./) { over = 1; next }
            begun = 1
            if ($0 !~ /^---[ \t]*(#.*)?$/) found("something behind \047---\047")
        }
        /^%/ && !/^%(YAML 1\.1|TAG )/ { found("a directive that k3s refuses") }
        /^\t/ { found("a tab at the start of a line, which k3s refuses") }
        { end = NR }
        /^[ \t]*(#|$)/ || /^%/ || /^---/ { next }
        {
            begun = 1
            match($0, /^ */)
            indent = RLENGTH
            $0 = substr($0, indent + 1)
            if (top == "") top = indent
        }
        indent > top && inside {
            if (inner == "") inner = indent
            if (inner != indent || /^[]}]/) next
            if (!is_entry($0)) found("\047" section "\047 in a form that is not known here")
            if (key == registry) found("an entry of " registry " already")
        }
        indent > top || (/^- / && !inside) { next }
        indent < top || !is_entry($0) { found("lines that are in no section, or not in block style") }
        {
            inside = key == section
            if (!inside) next
            if (at) found("\047" section "\047 twice")
            if (behind !~ /^[ \t]*(!!map[ \t]*)?([{][ \t]*[}]|~|null)?[ \t]*(#.*)?$/) found("\047" section "\047 in a form that is not known here")
            at = NR
        }
        END { print at + 0, end + 0, top + 0, inner == "" ? "-" : inner, problem }')
    read -r at end top inner problem <<.
$looks
.
}

with_lines() {
    awk -v at="$at" -v end="$end" -v mark="$section_mark" -v lines="$lines" '
        NR == at && match($0, /:[ \t]*(!!map[ \t]*)?([{]|~|null)/) { # A value with nothing in it gets something.
            $0 = substr($0, 1, RSTART) " " mark substr($0, RSTART + 1)
        }
        { print }
        NR == (at ? at : end) { print lines; put = 1 }
        END { if (!put) print lines }'
}

# Takes out a section of ours that has no entry left, and puts back the value with nothing in it.
without_empty_sections() {
    text=$(cat && echo .)
    for section in mirrors configs; do
        look_at_section <<.
$text
.
        name="[\"']\{0,1\}${section}[\"']\{0,1\}"
        [ "$inner" != - ] || text=$(printf '%s\n' "$text" |
            sed -e "/^ *$section: $section_mark\$/d" -e "s/^\( *$name *:\) $section_mark\(.\)/\1\2/")
    done
    printf '%s' "${text%.}"
}

with_k3s_entry() {
    without_block | if [ -n "$lines" ]; then with_lines; else cat; fi | without_empty_sections
}

k3s_settle() {
    # The section of our entry, and its lines.
    entry="" section=""
    case $trust in
    authority) section=configs entry="\"$registry\":$newline  tls:$newline    ca_file: \"$k3s_certificate\"" ;;
    insecure) section=mirrors entry="\"$registry\":$newline  endpoint:$newline    - \"http://$registry\"" ;;
    esac
    written=$(others "$k3s_file")
    lines=
    if [ -n "$entry" ]; then
        look_at_section <<.
$written
.
        [ -z "$problem" ] || k3s_by_hand "$problem"
        [ "$inner" != - ] || inner=$((top + 2))
        lines=$(block "$(printf "%${inner}s" "")" "$entry")
        [ "$at" != 0 ] || lines="$(printf "%${top}s" "")$section: $section_mark$newline$lines"
    fi
    own_file "$k3s_certificate" "$ca_certificate"
    before=$(content_of "$k3s_file")
    settle_blocks "$k3s_file" with_k3s_entry
    [ "$(content_of "$k3s_file")" = "$before" ] ||
        hint="k3s reads it when it starts: run 'systemctl restart k3s' (on an agent: k3s-agent); pods go on running."
}
