# DSM's web API from its own shell, as root. It also says "success" when it did nothing, so every change is read back; what it
# does not do is printed as steps to do by hand. A script defines by_hand REASON, which ends it with those.
#
# Values: synowebapi (absolute path)

# dsm API[/VERSION] METHOD [NAME=VALUE...]: what the call answered is in $answer. Progress goes to standard error and some of it
# to standard output, before the JSON. A call that failed says so in JSON; the exit code says nothing. DSM 6 knows one form only;
# the faster one is what Synology's own tools use on DSM 7.
dsm() {
    api=${1%/*} version=1 method=$2
    [ "$api" = "$1" ] || version=${1##*/}
    shift 2
    for candidate in ${form:---exec-fastwebapi --exec}; do
        answer=$("$synowebapi" "$candidate" "api=$api" "method=$method" "version=$version" "$@" 2>/dev/null | sed -n '/^[[:space:]]*{/,$p')
        ! holds "$answer" .success || { form=$candidate && return; }
    done
    return 1
}

# change WHAT LOOK HAS COMMAND...: a call, after which the functions LOOK, which reads anew, and HAS find that WHAT was done.
change() {
    what=$1 look=$2 has=$3
    shift 3
    "$@" || by_hand "$(explain)"
    { "$look" && "$has"; } || by_hand "it said that $what, and does not list it"
}

# pick JSON FILTER: with $definitions of jq functions, which read the environment; JSON that is none gives nothing.
pick() { printf '%s' "$1" | jq -cr "${definitions:-}$2" 2>/dev/null || true; }
holds() { [ "$(pick "$1" "$2")" = true ]; }
# A value without quotes that begins with a digit would be read as a number.
json() { printf '%s' "$1" | jq -Rs .; }

explain() {
    code=$(pick "$answer" 'if .success then "none" else .error.code // empty end')
    case $code in
    none) echo "it said that it is done, and it is not" ;;
    "") echo "it gave no answer that can be read" ;;
    102 | 103 | 104) echo "this DSM does not have $api $method (code $code)" ;;
    105) echo "$(id -un) may not do this (code 105)" ;;
    119) echo "there is no session (code 119)" ;;
    4151) echo "the rule was not understood (code 4151)" ;;
    4154) echo "another rule has this description (code 4154)" ;;
    4800) echo "the task was not understood (code 4800)" ;;
    5503) echo "the service was not understood (code 5503)" ;;
    5529 | 5598) echo "this DSM imports RSA keys only (code $code)" ;;
    551*) echo "the certificate was refused (code $code)" ;;
    *) echo "code $code" ;;
    esac
}
