# shellcheck shell=sh
# Asks whether this firmware imports a key.
apply() { nas_check_import; }
dispatch "$@"
