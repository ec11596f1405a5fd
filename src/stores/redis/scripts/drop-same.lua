-- KEYS: entry. ARGV: identity of the entry that was judged; a newer one under the same key stays.
if redis.call('GETRANGE', KEYS[1], 0, 11) ~= ARGV[1] then
  return 0
end
return redis.call('UNLINK', KEYS[1])
