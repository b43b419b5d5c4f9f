# shellcheck shell=sh disable=SC2154
# Certificates and rules on disk, and nginx's configuration made from them. Sourced; needs $root, $lib and $DSM.
rules=$root/usr/syno/etc/www/ReverseProxy.json
archive=$root/usr/syno/etc/certificate/_archive
bound=$root/usr/syno/etc/www/certificate
case $DSM in
  6.2) sites=$root/etc/nginx/app.d ;;
  *) sites=$root/etc/nginx/sites-enabled ;;
esac

kind_of() { # certificate: RSA, ECC, or nothing for what DSM does not know
  case $(openssl x509 -in "$1" -noout -text) in
    *"Public Key Algorithm: rsaEncryption"*) echo RSA ;;
    *"Public Key Algorithm: id-ecPublicKey"*) echo ECC ;;
  esac
}

# Since DSM 7.3 the names say the kind of key; here from 7.2, so that nobody relies on the old ones.
store() { # id, key, certificate, chain
  case $DSM in 7.2) kind=$(kind_of "$3")- ;; *) kind= ;; esac
  rm -rf "${archive:?}/$1"
  mkdir -p "$archive/$1"
  cp "$2" "$archive/$1/${kind}privkey.pem"
  cp "$3" "$archive/$1/${kind}cert.pem"
  if [ -n "$4" ]; then cat "$3" "$4" > "$archive/$1/${kind}fullchain.pem"; else cp "$3" "$archive/$1/${kind}fullchain.pem"; fi
}

# What a DSM has before anybody comes: a certificate of its own and no rule.
first_state() {
  [ ! -e "$rules" ] || return 0
  mkdir -p "${rules%/*}" "$archive" "$bound" "$sites"
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj /CN=synology \
    -keyout "$archive/key" -out "$archive/certificate" 2> /dev/null
  store default "$archive/key" "$archive/certificate" ""
  rm "$archive/key" "$archive/certificate"
  echo default > "$archive/DEFAULT"
  echo '{"default":{"desc":"","services":[]}}' > "$archive/INFO"
  echo '{}' > "$rules"
}

bind_to_default() {
  printf '%s' "$entry" | jq -c --arg uuid "$uuid" --slurpfile info "$archive/INFO" --arg default "$(cat "$archive/DEFAULT")" '
    { display_name: .frontend.fqdn, display_name_i18n: "", isPkg: false, multiple_cert: true, owner: "root", service: $uuid,
      subscriber: "ReverseProxy", user_setable: true } as $service
    | $info[0] | .[$default].services += [$service]' > "$archive/INFO.new"
  mv "$archive/INFO.new" "$archive/INFO"
}

certificate_lines() { # id
  echo "ssl_certificate $(find "$archive/$1" -name '*fullchain.pem');"
  echo "ssl_certificate_key $(find "$archive/$1" -name '*privkey.pem');"
}

# nginx's configuration as DSM writes it.
generate() {
  rm -rf "$bound"/ReverseProxy_*
  default=$(cat "$archive/DEFAULT")
  mkdir -p "$bound/default"
  certificate_lines "$default" > "$bound/default/cert.conf"
  for rule in $(jq -r 'keys[]' "$rules"); do
    id=$(jq -r --arg rule "$rule" --arg default "$default" \
      '[to_entries[] | select(any(.value.services[]; .service == $rule)) | .key][0] // $default' "$archive/INFO")
    mkdir -p "$bound/ReverseProxy_$rule"
    certificate_lines "$id" > "$bound/ReverseProxy_$rule/cert.conf"
  done
  jq -r --arg bound "$bound" '.[] | .frontend.fqdn as $fqdn | [
    "server {",
    "    listen \(.frontend.port) \(if .frontend.protocol == 1 then "ssl http2" else "" end);",
    "    server_name \($fqdn);",
    "    if ($host !~ \"(^\($fqdn)$)\") { return 404; }",
    (if .frontend.protocol == 1 then "    include \($bound)/ReverseProxy_\(.UUID)/cert.conf*;" else empty end),
    "    location / {",
    "        proxy_connect_timeout \(.proxy_connect_timeout);",
    "        proxy_read_timeout \(.proxy_read_timeout);",
    "        proxy_send_timeout \(.proxy_send_timeout);",
    "        proxy_intercept_errors \(if .proxy_intercept_errors then "on" else "off" end);",
    "        proxy_http_version 1.1;",
    "        proxy_set_header Host $http_host;",
    "        proxy_set_header X-Real-IP $remote_addr;",
    "        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "        proxy_set_header X-Forwarded-Proto $scheme;",
    "        proxy_pass \(if .backend.protocol == 1 then "https" else "http" end)://\(.backend.fqdn):\(.backend.port);",
    "    }",
    "}"
  ][]' "$rules" > "$sites/server.ReverseProxy.conf"
}

# The web server takes a moment to follow, so who looks at once sees what was before.
publish() {
  [ -e "$root/run/nginx.pid" ] || return 0
  generate
  (sleep 1; nginx -c "$lib/nginx.conf" -s reload) > /dev/null 2>&1 < /dev/null &
}

first_state
