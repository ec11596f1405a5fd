-- Many writes of one tick. KEYS and ARGV: those of one write after another; each begins in ARGV with its kind.
-- Each write is a step of its own, in the order in which they were asked for: one that fails undoes and stops no other.
local key, arg = 0, 0

local function nextKey()
  key = key + 1
  return KEYS[key]
end

local function nextArg()
  arg = arg + 1
  return ARGV[arg]
end

-- Entry, lease; token, lease in ms, identity of the entry that was seen, '1' to keep that entry.
-- 0: busy; 1: granted; 2: granted, and what was seen was there until now; else the entry that was found.
-- A wrong type under our key would fail every command on it for ever: it is removed.
local function acquire(entry, lease, token, duration, seen, keep)
  local head = redis.pcall('GETRANGE', entry, 0, 11)
  if type(head) == 'table' then
    redis.call('UNLINK', entry)
    head = ''
  end
  if head ~= '' and head ~= seen then
    return redis.call('GET', entry)
  end
  if head ~= '' and keep ~= '1' then
    redis.call('UNLINK', entry)
  end
  if redis.call('SET', lease, token, 'NX', 'PX', duration) then
    -- That what was seen was there until now: a value that was deleted meanwhile must not be kept.
    return head ~= '' and 2 or 1
  end
  -- Ours already: a client of a Cluster sends again what was not answered. Or a wrong type again.
  local holder = redis.pcall('GET', lease)
  if holder == token or type(holder) == 'table' then
    redis.call('SET', lease, token, 'PX', duration)
    return 1
  end
  return 0
end

-- Entry, lease; token, bytes, time to keep in ms.
-- The lease is compared here, at the store: a fill that was sent before an invalidation may arrive long after it.
local function fill(entry, lease, token, bytes, keepFor)
  if redis.call('GET', lease) ~= token then
    return 0
  end
  redis.call('SET', entry, bytes, 'PX', keepFor)
  redis.call('UNLINK', lease)
  return 1
end

-- Generation; token, its life in ms. The token in force: the one that was there, else this.
local function mint(generation, token, life)
  return redis.call('SET', generation, token, 'PX', life, 'NX', 'GET') or token
end

-- Lease; token, lease in ms.
local function seize(lease, token, duration)
  redis.call('SET', lease, token, 'PX', duration)
  return 1
end

-- Lease; token.
local function release(lease, token)
  if redis.call('GET', lease) ~= token then
    return 0
  end
  return redis.call('UNLINK', lease)
end

-- How many names and arguments each kind takes.
local KINDS = {
  acquire = { acquire, 2, 4 },
  fill = { fill, 2, 3 },
  mint = { mint, 1, 2 },
  seize = { seize, 1, 2 },
  release = { release, 1, 1 },
}

local answers = {}
while arg < #ARGV do
  local kind = KINDS[nextArg()]
  local given = {}
  for i = 1, kind[2] do
    given[i] = nextKey()
  end
  for _ = 1, kind[3] do
    given[#given + 1] = nextArg()
  end
  local ok, answer = pcall(kind[1], unpack(given))
  if not ok then
    local reason = type(answer) == 'table' and answer.err or answer
    -- A replica refuses all of them, and the client leaves it for this answer alone.
    if string.sub(reason, 1, 8) == 'READONLY' then
      return redis.error_reply(reason)
    end
    answer = { err = reason }
  end
  answers[#answers + 1] = answer
end
return answers
