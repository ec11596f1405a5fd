-- KEYS: entry, lease. ARGV: token, bytes, time to keep in ms.
-- The lease is compared here, at the store: a fill that was sent before an invalidation may arrive long after it.
if redis.call('GET', KEYS[2]) ~= ARGV[1] then
  return 0
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
redis.call('UNLINK', KEYS[2])
return 1
