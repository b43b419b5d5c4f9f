# shellcheck shell=sh disable=SC2154
# SYNO.Core.Certificate, .CRT and .Service: the certificate store. Sourced by synowebapi.
# shellcheck source=/dev/null
. "$lib/web-api/web.sh"

list() {
  jq -c --arg default "$(cat "$archive/DEFAULT")" '
    { certificates: (to_entries | map({ id: .key, is_default: (.key == $default), user_deletable: true } + .value)) }' "$archive/INFO"
}

import() {
  key=$(text key_tmp) certificate=$(text cert_tmp) chain=$(text inter_cert_tmp) id=$(text id) description=$(text desc)
  # What is no string is taken for a bad key, whatever the key.
  case $(parameter as_default) in true | false) refuse 5511 ;; esac
  case $(parameter id) in null | '"'*) ;; *) refuse 5510 ;; esac
  openssl x509 -in "$certificate" -noout 2> /dev/null || refuse 5510
  public=$(openssl pkey -in "$key" -pubout 2> /dev/null) || refuse 5511
  [ "$public" = "$(openssl x509 -in "$certificate" -noout -pubkey)" ] || refuse 5514
  # DSM 6.2 says "not_support_ecc"; DSM 7 takes "both ECC and RSA formats" (its help).
  case $DSM:$(kind_of "$certificate") in
    *:RSA | 7.*:ECC) ;;
    6.2:ECC) refuse 5529 ;;
    *) refuse 5511 ;;
  esac
  if [ -n "$chain" ]; then
    openssl verify -partial_chain -trusted "$chain" "$certificate" > /dev/null 2>&1 || refuse 5517
  fi
  if [ -z "$id" ]; then
    # Six characters that read as a number in scientific notation.
    id=$(tr -dc 0-9 < /dev/urandom | head -c 1)e$(tr -dc 0-9a-f < /dev/urandom | head -c 4)
  else
    jq -e --arg id "$id" 'has($id)' "$archive/INFO" > /dev/null || refuse 5510
  fi
  store "$id" "$key" "$certificate" "$chain"
  jq -c --arg id "$id" --arg desc "$description" '.[$id] = { desc: $desc, services: (.[$id].services // []) }' \
    "$archive/INFO" > "$archive/INFO.new"
  mv "$archive/INFO.new" "$archive/INFO"
  publish
  succeed "$(jq -nc --arg id "$id" '{ id: $id, restart_httpd: true }')"
}

# A service that is where it shall go falls back to the default certificate; one that is not at old_id stays, silently.
bind() {
  settings=$(parameter settings)
  printf '%s' "$settings" | jq -e 'type == "array" and all(.[]; .service | has("display_name") and has("isPkg") and
    has("owner") and has("service") and has("subscriber") and has("user_setable"))' > /dev/null || refuse 5503
  jq -c --argjson settings "$settings" --arg default "$(cat "$archive/DEFAULT")" '
    def holds($service): any(.services[]; .service == $service and .subscriber == "ReverseProxy");
    def without($service): .services |= map(select(.service != $service));
    reduce $settings[] as $setting (.;
      $setting.service.service as $service
      | ((to_entries | map(select(.value | holds($service)) | .key))[0] // "") as $now
      | if $now == $setting.id then map_values(without($service)) | .[$default].services += [$setting.service]
        elif $now == $setting.old_id then map_values(without($service)) | .[$setting.id].services += [$setting.service]
        else . end)' "$archive/INFO" > "$archive/INFO.new"
  mv "$archive/INFO.new" "$archive/INFO"
  publish
  succeed '{ "restart_httpd": true }'
}

delete() {
  ids=$(parameter ids)
  printf '%s' "$ids" | jq -e 'type == "array" and all(.[]; type == "string")' > /dev/null || refuse 101
  for id in $(printf '%s' "$ids" | jq -r '.[]'); do
    [ "$id" != "$(cat "$archive/DEFAULT")" ] || refuse 5512
    rm -rf "${archive:?}/$id"
    jq -c --arg id "$id" --arg default "$(cat "$archive/DEFAULT")" \
      '.[$default].services += (.[$id].services // []) | del(.[$id])' "$archive/INFO" > "$archive/INFO.new"
    mv "$archive/INFO.new" "$archive/INFO"
  done
  publish
  succeed '{ "restart_httpd": true }'
}

case $api:$method in
  SYNO.Core.Certificate.CRT:list) succeed "$(list)" ;;
  SYNO.Core.Certificate:import) import ;;
  SYNO.Core.Certificate.Service:set) bind ;;
  SYNO.Core.Certificate.CRT:delete) delete ;;
esac
