-- KEYS: entry, lease. Both in one step: an entry without its lease could be filled again by a load that began before.
redis.call('UNLINK', KEYS[2])
return redis.call('UNLINK', KEYS[1])
