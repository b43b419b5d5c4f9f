# What a person runs: it sets up, or takes back what was set up. Where the stack is gone the name of the registry is enough for
# that, and there is no $trust.

verbs="setup undo" usage="give 'undo' to take back what was set up, or nothing to set up"

prepare() {
    hint=
    "${client}_find"
}

check_commands() {
    for each in $commands; do
        ! is_installed "$each" || return 0
    done
    [ -z "$commands" ] ||
        die "there is none of these commands on this machine: $commands; install one, or use the script for what pulls images here."
}

setup() {
    if [ -n "$trust" ]; then
        check_commands
        ! is_function "${client}_check" || "${client}_check"
    fi
    "${client}_settle"
    echo "$label $said"
    [ -z "$hint" ] || echo "$hint"
}

undo() {
    untrust
    setup
}

# The script itself may be on standard input.
dispatch "${1-setup}" </dev/null
