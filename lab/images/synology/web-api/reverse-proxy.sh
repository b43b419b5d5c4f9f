# shellcheck shell=sh disable=SC2154
# SYNO.Core.AppPortal.ReverseProxy: rules, kept as DSM keeps them, an object by UUID. Sourced by synowebapi.
# DSM 6.2 takes an entry only as a string that holds JSON, and its change is called `set`.
# shellcheck source=/dev/null
. "$lib/web-api/web.sh"

given_entry() {
  entry=$(parameter entry)
  if [ "$DSM" = 6.2 ]; then
    entry=$(printf '%s' "$entry" | jq -c 'strings | try fromjson catch empty')
  fi
  [ "$(printf '%s' "$entry" | jq -r type)" = object ] || refuse 4151
  uuid=$(printf '%s' "$entry" | jq -r '.UUID // empty')
}

# Its description belongs to one rule.
refuse_description_of_another() {
  printf '%s' "$entry" | jq -e --arg uuid "$uuid" --slurpfile rules "$rules" '
    .description as $ours | [$rules[0][] | select(.UUID != $uuid and .description == $ours)] == []' > /dev/null || refuse 4154
}

keep() {
  printf '%s' "$entry" | jq -c --arg uuid "$uuid" --slurpfile rules "$rules" \
    '. as $entry | $rules[0] | .[$uuid] = $entry + { UUID: $uuid }' > "$rules.new"
  mv "$rules.new" "$rules"
  publish
  succeed '{}'
}

update='update'
[ "$DSM" != 6.2 ] || update='set'

case $method in
  list) succeed "$(jq -c '{ entries: [.[]] }' "$rules")" ;;
  create)
    given_entry
    uuid=$(cat /proc/sys/kernel/random/uuid)
    refuse_description_of_another
    [ "$DSM" = 6.2 ] || bind_to_default
    keep
    ;;
  "$update")
    given_entry
    jq -e --arg uuid "$uuid" 'has($uuid)' "$rules" > /dev/null || refuse 4152
    refuse_description_of_another
    keep
    ;;
  delete)
    uuids=$(parameter uuids)
    printf '%s' "$uuids" | jq -e 'type == "array"' > /dev/null || refuse 101
    jq -c --argjson uuids "$uuids" 'with_entries(select([.key] | inside($uuids) | not))' "$rules" > "$rules.new"
    mv "$rules.new" "$rules"
    jq -c --argjson uuids "$uuids" 'map_values(.services |= map(select([.service] | inside($uuids) | not)))' \
      "$archive/INFO" > "$archive/INFO.new"
    mv "$archive/INFO.new" "$archive/INFO"
    publish
    succeed '{}'
    ;;
esac
