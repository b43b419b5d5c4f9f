# k3s: the registry's entry in registries.yaml, which k3s reads when it starts; other entries stay as they are. A file that
# cannot be changed line by line is left alone, and what to add is printed.

k3s_find() {
    label=k3s commands=k3s
    [ ! -d /etc/rancher/k3s ] || commands=
    k3s_file=/etc/rancher/k3s/registries.yaml
    k3s_certificate=/etc/rancher/k3s/nas-registry/$registry.crt
    # A section that was not there before; it goes when nothing else is left in it.
    section_mark="# nas-registry"
}

k3s_check() {
    [ "$(id -u)" = 0 ] || die "only root may change what k3s trusts: run this with 'sudo sh'."
}

k3s_by_hand() {
    die "'$k3s_file' $1, so it is left alone; add this to it by hand and restart k3s:
$section:
$(echo "$entry" | sed 's/^/  /')"
}

# Sections at the start of lines, in block style, no second document: what an insertion of lines cannot break.
k3s_check_style() {
    ! echo "$written" | grep -q "$(printf '[\t\r]')" || k3s_by_hand "has tabs or Windows' line ends"
    ! echo "$written" | grep -Evq '^( |#|$|(mirrors|configs|auths):)' ||
        k3s_by_hand "has lines that are neither mirrors, configs nor auths"
    [ "$(echo "$written" | grep -c "^$section:")" -lt 2 ] || k3s_by_hand "has '$section' twice"
    ! echo "$written" | grep "^$section:" | grep -Evq "^$section: *(#.*)?\$" || k3s_by_hand "has '$section' in one line"
    ! echo "$others_entries" | grep -qv : || [ -z "$others_entries" ] ||
        k3s_by_hand "has '$section' in a form that is not known here"
    ! echo "$others_entries" | tr -d "\"' " | grep -qF "$registry:" || k3s_by_hand "has an entry of $registry already"
}

# The first level of lines in the section.
k3s_entries() {
    awk -v section="$section:" '
        /^[^ #]/ { inside = index($0, section) == 1; next }
        !inside || /^ *(#|$)/ { next }
        { match($0, /^ */) }
        !indent { indent = RLENGTH }
        RLENGTH == indent { print }'
}

with_entry_in_section() {
    awk -v section="$section:" -v mark="$section_mark" -v block="$1" '
        { print }
        block != "" && index($0, section) == 1 { print block; found = 1 }
        END { if (block != "" && !found) print section " " mark "\n" block }'
}

# Drops a section of ours that has no entry left.
without_empty_sections() {
    text=$(cat && echo .)
    for section in mirrors configs; do
        [ -n "$(echo "$text" | k3s_entries)" ] || text=$(echo "$text" | sed "/^$section: $section_mark\$/d")
    done
    printf '%s' "${text%.}"
}

with_k3s_entry() { without_block | with_entry_in_section "$1" | without_empty_sections; }

k3s_settle() {
    # The section of our entry, and its lines.
    entry="" section=""
    case $trust in
    authority) section=configs entry="\"$registry\":$newline  tls:$newline    ca_file: \"$k3s_certificate\"" ;;
    insecure) section=mirrors entry="\"$registry\":$newline  endpoint:$newline    - \"http://$registry\"" ;;
    esac
    written=$(others "$k3s_file")
    others_entries=$(echo "$written" | k3s_entries)
    lines=
    if [ -n "$entry" ]; then
        k3s_check_style
        # As far in as the section's other entries, or two spaces.
        indent=${others_entries%%[! ]*}
        lines=$(block "${indent:-  }" "$entry")
    fi
    own_file "$k3s_certificate" "$ca_certificate"
    before=$(content_of "$k3s_file")
    settle_blocks "$k3s_file" with_k3s_entry "$lines"
    [ "$(content_of "$k3s_file")" = "$before" ] ||
        hint="k3s reads it when it starts: run 'systemctl restart k3s' (on an agent: k3s-agent); pods go on running."
}
