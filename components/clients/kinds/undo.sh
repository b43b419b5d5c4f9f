# shellcheck shell=sh disable=SC2154
# In the place of main.sh: takes back what a setup has done where the stack of that setup is gone. The name of the registry is
# all that it needs; trust and ca_certificate are empty.

undo() {
    "${client}_find"
    "${client}_undo"
}

# The script itself may be on standard input.
undo </dev/null
