# shellcheck shell=sh disable=SC2154
# k3s: the registry's entry in registries.yaml, which k3s reads when it starts; other entries stay as they are. A file that
# cannot be changed line by line is left alone, and what to add is printed.

k3s_find() {
    k3s_file=/etc/rancher/k3s/registries.yaml
    k3s_certificate=/etc/rancher/k3s/nas-registry/$registry.crt
    section=configs
    [ "$trust" != insecure ] || section=mirrors
    # A section that was not there before; it goes when nothing else is left in it.
    section_mark="# nas-registry"
}

k3s_check() {
    [ "$(id -u)" = 0 ] || die "only root may change what k3s trusts: run this with 'sudo sh'."
    is_installed k3s || [ -d /etc/rancher/k3s ] ||
        die "there is no k3s on this machine: install it, or use the script for what pulls images here."
}

# k3s_entry INDENT: the lines below the section.
k3s_entry() {
    echo "$1\"$registry\":"
    if [ "$trust" = authority ]; then
        echo "$1  tls:"
        echo "$1    ca_file: \"$k3s_certificate\""
    else
        echo "$1  endpoint:"
        echo "$1    - \"http://$registry\""
    fi
}

k3s_block() {
    echo "$1$begin_mark"
    k3s_entry "$1"
    echo "$1$end_mark"
}

k3s_by_hand() {
    die "'$k3s_file' $1, so it is left alone; add this to it by hand and restart k3s:
$section:
$(k3s_entry "  ")"
}

# Sections at the start of lines, in block style, no second document: what an insertion of lines cannot break.
k3s_check_style() {
    others=$(as_root cat "$k3s_file" | without_block)
    case $others in
    *"	"* | *"$(printf '\r')"*) k3s_by_hand "has tabs or Windows' line ends" ;;
    esac
    ! printf '%s\n' "$others" | grep -Evq '^( |#|$|(mirrors|configs|auths):)' ||
        k3s_by_hand "has lines that are neither mirrors, configs nor auths"
    written=$(printf '%s\n' "$others" | grep -E "^$section:" || true)
    case $written in
    *"$newline"*) k3s_by_hand "has '$section' twice" ;;
    esac
    printf '%s\n' "$written" | grep -Eq "^($section: *(#.*)?)?\$" ||
        k3s_by_hand "has '$section' in one line"
    printf '%s\n' "$others" | k3s_children | grep -qv : ||
        return 0
    k3s_by_hand "has '$section' in a form that is not known here"
}

# k3s_children: the first level of lines in the section, without their indentation.
k3s_children() {
    awk -v section="$section:" '
        /^[^ #]/ { inside = index($0, section) == 1; next }
        !inside || /^ *(#|$)/ { next }
        { match($0, /^ */) }
        !indent { indent = RLENGTH }
        RLENGTH == indent { print substr($0, indent + 1) }'
}

k3s_check_entry() {
    ! as_root cat "$k3s_file" | without_block | k3s_children | tr -d "\"' " | grep -qF "$registry:" ||
        k3s_by_hand "has an entry of $registry already"
}

# The indentation of the section's other entries, or two spaces.
k3s_indent() {
    awk -v section="$section:" '
        /^[^ #]/ { inside = index($0, section) == 1; next }
        inside && !/^ *(#|$)/ { match($0, /^ */); found = RLENGTH; exit }
        END { printf "%*s", found ? found : 2, "" }'
}

with_section() {
    awk -v section="$section:" -v mark="$section_mark" '
        { print }
        index($0, section) == 1 { found = 1 }
        END { if (!found) print section " " mark }'
}

with_entry_in_section() {
    awk -v section="$section:" -v block="$1" '{ print } index($0, section) == 1 { print block }'
}

# Drops a section of ours that has no entry left; comments and blank lines after it decide nothing.
without_empty_sections() {
    awk -v mark=": $section_mark" '
        function ours() { return /^(mirrors|configs)/ && substr($0, index($0, ":")) == mark }
        held && /^ *(#|$)/ { undecided = undecided $0 "\n"; next }
        held { printf "%s%s", /^ / ? section : "", undecided; held = 0; undecided = "" }
        ours() { held = 1; section = $0 "\n"; next }
        { print }
        END { printf "%s", undecided }'
}

k3s_add() {
    without_block | with_section | with_entry_in_section "$k3s_lines" | without_empty_sections
}

k3s_remove() {
    without_block | without_empty_sections
}

k3s_restart_hint() {
    echo "k3s reads it when it starts: run 'systemctl restart k3s' (on an agent: k3s-agent); pods go on running."
}

k3s_forget() {
    if as_root test -f "$k3s_file" && as_root grep -qF "$begin_mark" "$k3s_file"; then
        edit "$k3s_file" k3s_remove
        remove_made_file "$k3s_file"
        k3s_restart_hint
    fi
    remove "$k3s_certificate"
}

k3s_setup() {
    check_block "$k3s_file"
    if [ "$trust" = public ]; then
        k3s_forget
        trusted "k3s"
        return
    fi
    if as_root test -f "$k3s_file"; then
        k3s_check_style
        k3s_check_entry
    fi
    put_certificate "$k3s_certificate"
    make_file "$k3s_file"
    k3s_lines=$(k3s_block "$(as_root cat "$k3s_file" | without_block | k3s_indent)")
    before=$(content_of "$k3s_file")
    if [ "$(as_root cat "$k3s_file" | k3s_add)" != "$(as_root cat "$k3s_file")" ]; then
        edit "$k3s_file" k3s_add
    fi
    trusted "k3s"
    [ "$(content_of "$k3s_file")" = "$before" ] || k3s_restart_hint
}

k3s_undo() {
    check_block "$k3s_file"
    k3s_forget
    echo "k3s no longer trusts $registry."
}
