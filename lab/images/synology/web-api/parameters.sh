# shellcheck shell=sh disable=SC2154
# What a call was given. Sourced by synowebapi.

parameter() { # name: its JSON, null when it is not given
  printf '%s' "$parameters" | jq -c ".$1"
}
text() { # name: a string's text; other JSON is no string and gives nothing
  printf '%s' "$parameters" | jq -r ".$1 | strings"
}
