#!/bin/sh
# Starts Redis: start.sh CONFIGURATION [ARGUMENTS]
# A password is the file redis_USER_password among the secrets; without that file it is $REDIS_PASSWORD.
# Only hashes are written, and nothing secret is on a command line.
set -eu
umask 077

config=$1
shift
secrets=${REDIS_SECRETS:-/run/secrets}
here=$(dirname "$0")

hash_of() {
  file="$secrets/redis_$1_password"
  if [ -f "$file" ]; then password=$(cat "$file"); else password=${REDIS_PASSWORD:-}; fi
  if [ -z "$password" ]; then
    echo "There is no password for the Redis user $1: neither $file nor REDIS_PASSWORD" >&2
    exit 1
  fi
  printf %s "$password" | sha256sum | cut -d ' ' -f 1
}

app=$(hash_of app)
exporter=$(hash_of exporter)
health=$(hash_of health)
operator=$(hash_of operator)

sed -e '/^#/d' -e '/^$/d' -e "s/{prefix}/${CACHE_PREFIX:-shadower}/" \
  -e "s/{app}/$app/" -e "s/{exporter}/$exporter/" -e "s/{health}/$health/" -e "s/{operator}/$operator/" \
  "$here/users.acl" >users.acl

if [ "${REDIS_TLS:-no}" = yes ]; then
  set -- --port 0 --tls-port "${REDIS_TLS_PORT:-6379}" --tls-auth-clients no --tls-protocols 'TLSv1.2 TLSv1.3' \
    --tls-cert-file "$secrets/redis_tls_cert" --tls-key-file "$secrets/redis_tls_key" \
    --tls-ca-cert-file "$secrets/redis_tls_ca" "$@"
fi

unset REDIS_PASSWORD
exec redis-server "$config" --aclfile "$PWD/users.acl" "$@"
