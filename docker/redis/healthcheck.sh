#!/bin/sh
# Ends with 0 only when Redis answers PONG to the user "health". `redis-cli ping` alone ends with 0 on NOAUTH as well.
secrets=${REDIS_SECRETS:-/run/secrets}
file="$secrets/redis_health_password"
if [ -f "$file" ]; then REDISCLI_AUTH=$(cat "$file"); else REDISCLI_AUTH=${REDIS_PASSWORD:-}; fi
export REDISCLI_AUTH

if [ "${REDIS_TLS:-no}" = yes ]; then set -- --tls --cacert "$secrets/redis_tls_ca" "$@"; fi
redis-cli -e --user health "$@" ping 2>/dev/null | grep -qx PONG
