# shellcheck shell=sh disable=SC2154,SC2016
# SYNO.Docker.Registry: the registry list of Docker or Container Manager. A password goes in and never comes out. `set`
# finds its entry by oldname; Docker Hub cannot be deleted. Sourced by synowebapi.
registries=$root/var/packages/$PACKAGE/etc/registries.json
if [ ! -e "$registries" ]; then
  jq -nc '{ using: "Docker Hub", registries: [{ name: "Docker Hub", url: "https://registry.hub.docker.com",
    syno: true, enable_trust_SSC: true, enable_registry_mirror: false, mirror_urls: [] }] }' > "$registries"
fi

has_entry() { # name
  jq -e --arg name "$1" 'any(.registries[]; .name == $name)' "$registries" > /dev/null
}
change() { # jq options…
  jq -c "$@" "$registries" > "$registries.new"
  mv "$registries.new" "$registries"
  succeed
}

name=$(text name)
fields='{ name, url, enable_trust_SSC, enable_registry_mirror, mirror_urls, username, password } | del(.[] | nulls)'
if [ "$method" != get ] && [ -z "$name" ]; then refuse 101; fi
case $method in
  get)
    succeed "$(jq -c '{ offset: 0, registries: [.registries[] | del(.password)], total: (.registries | length), using }' "$registries")"
    ;;
  create)
    [ -n "$(text url)" ] || refuse 101
    ! has_entry "$name" || refuse 1051
    change --argjson given "$parameters" ".registries += [\$given | { syno: false } + ($fields)]"
    ;;
  set)
    has_entry "$(text oldname)" || refuse 101
    change --argjson given "$parameters" \
      "(.registries[] | select(.name == \$given.oldname)) |= . + (\$given | $fields) | if .using == \$given.oldname then .using = \$given.name else . end"
    ;;
  using)
    has_entry "$name" || refuse 101
    change --arg name "$name" '.using = $name'
    ;;
  delete)
    if [ -z "$(text url)" ] || [ "$name" = "Docker Hub" ]; then refuse 101; fi
    change --arg name "$name" '.registries |= map(select(.name != $name))'
    ;;
esac
