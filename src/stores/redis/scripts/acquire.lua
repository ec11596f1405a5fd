-- KEYS: entry, lease. ARGV: token, lease in ms, identity of the entry that was seen, '1' to keep that entry.
-- A wrong type under our key would fail every command on it for ever: it is removed.
local head = redis.pcall('GETRANGE', KEYS[1], 0, 11)
if type(head) == 'table' then
  redis.call('UNLINK', KEYS[1])
  head = ''
end
if head ~= '' and head ~= ARGV[3] then
  return { 'found', redis.call('GET', KEYS[1]) }
end
if head ~= '' and ARGV[4] ~= '1' then
  redis.call('UNLINK', KEYS[1])
end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then
  -- That what was seen was there until now: a value that was deleted meanwhile must not be kept.
  return { head ~= '' and 'replaces' or 'granted' }
end
-- Ours already: a client of a Cluster sends again what was not answered. Or a wrong type again.
local holder = redis.pcall('GET', KEYS[2])
if holder == ARGV[1] or type(holder) == 'table' then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
  return { 'granted' }
end
return { 'busy' }
