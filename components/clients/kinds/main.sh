# shellcheck shell=sh disable=SC2154
# What a person runs; without an argument it sets up.

main() {
    "${client}_find"
    case ${1-setup} in
    setup)
        "${client}_check"
        "${client}_setup"
        ;;
    undo) "${client}_undo" ;;
    *) die "'$1' is not known: give 'undo' to take back what was set up, or nothing to set up." ;;
    esac
}

# The script itself may be on standard input.
main "$@" </dev/null
