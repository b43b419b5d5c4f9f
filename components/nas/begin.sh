# What every script begins with, for a NAS or a person's machine; POSIX sh, runs under dash, bash, busybox ash and macOS's sh.
# A script on standard input may be cut short on the way, so its last line is its only command: `dispatch "$@" </dev/null`.
set -eu

newline='
'

# dash's own makes an escape of a backslash and digits.
echo() { printf '%s\n' "$*"; }

# printable: standard input without what a terminal obeys: C0 but newlines, DEL, and in UTF-8 C1 and what turns text around.
printable() {
    LC_ALL=C tr -d '\000-\010\013-\037\177' |
        LC_ALL=C sed "$(printf 's/\302[\200-\237]//g; s/\342\200[\252-\256]//g; s/\342\201[\246-\251]//g')"
}

# die SENTENCE: one that says what to do; it becomes the text of Pulumi's error. It may quote what docker or a server said.
stops=yes told=111
die() {
    if [ -z "$stops" ]; then
        echo "$*" | printable | sed q
        exit 0
    fi
    echo "nas-registry: $*" | printable >&2
    exit "$told"
}

# Ends the script, with $code: what is to be done at its end, and a sentence where none was told, since on a disk that is full
# any command may fail.
at_exit=
ending() {
    code=$?
    [ -z "$at_exit" ] || "$at_exit" || true
    case $code in
    0) return ;;
    "$told") ;;
    *) echo "nas-registry: not all was done, and the reason stands above: see whether the disk has room and can be written, and do this again." >&2 ;;
    esac
    exit 1
}

# warn SENTENCE: what does not stop the script becomes a warning of Pulumi's; for a `check` it is a finding.
warn() {
    [ "$verb" = check ] || set -- "warning=$*"
    printf '%s' "$*" | printable | tr '\n' ' '
    echo ""
}

# find_only: for a `check`. What would stop the script is what it finds: one line of output, and no failure.
find_only() { stops=; }

# as_root COMMAND...: by sudo, where $sudo says so.
as_root() { ${sudo:-} "$@"; }

# sudo_lines FILE: how an administrator lets the SSH user become root; FILE is where sudo reads it, with a backslash before what
# else ends a name. An echo of some shells takes backslashes away.
sudo_lines() {
    if ! command -v sudo >/dev/null 2>&1; then
        echo "There is no sudo here: let connection.user be root."
        return 0
    fi
    sudoer=$(id -un | sed 's/[\\@!=:,() ]/\\&/g') without_tty=
    case $(LC_ALL=C sudo -n true 2>&1) in
    *"must have a tty"*) without_tty="'Defaults:$sudoer !requiretty' " ;;
    esac
    cat <<END
As an administrator run these two lines there, and 'up' again:
  printf '%s\n' '$sudoer ALL=(ALL) NOPASSWD: ALL' $without_tty| sudo tee $1
  sudo chmod 440 $1
END
}

is_function() { [ "$(command -v "$1")" = "$1" ]; }

# dispatch [VERB]: ends the script after its `prepare VERB`, if it has one, and its function VERB. Unless $verbs lists others they are:
# - apply   puts in place what the values say; twice is as good as once
# - revert  takes back what apply has added, and nothing else
# - check   changes nothing, and prints what apply would put back, one sentence a line; fails only when it cannot look
# What is said meanwhile, also by a command that could be anybody's, is seen at the end and printable; only what the verb
# $streams prints is seen at once, and as it is.
dispatch() {
    set +e
    exec 3>&1
    said=$(
        exec 2>&1
        shown=$(
            [ "${1:-}" != "${streams:-none}" ] || exec >&3
            exec 3>&-
            set -e
            act "$@"
        )
        code=$?
        [ -z "$shown" ] || echo "$shown" | printable >&3
        exit "$code"
    )
    code=$?
    [ -z "$said" ] || echo "$said" | printable >&2
    exit "$code"
}

act() {
    trap ending EXIT
    verb=${1:-apply}
    case " ${verbs:-apply revert check} " in
    *" $verb "*) is_function "$verb" ;;
    *) false ;;
    esac || die "'$verb' is not known: ${usage:-it is no verb of this script}."
    ! is_function prepare || prepare "$verb"
    "$verb"
}
