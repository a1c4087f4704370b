// The scripts. Each may be run twice, since its reply may be lost, and late, since a connection may be: what a consumer does counts only
// as long as it is a member of `consumers`, what is done to a message only as long as that consumer has it. What removes comes
// before what adds: Redis refuses to add when its memory is full, but not to a script that has written already. All keys are declared.

const common = `
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
local function envelope(id, attempt, payload)
  return 'offloop/1 ' .. id .. ' ' .. string.format('%.0f', attempt) .. '\\n' .. payload
end
-- A held value: its order, its attempt, its payload.
local function open(value)
  local stop = string.find(value, '\\n', 1, true)
  local order, attempt = string.match(string.sub(value, 1, stop - 1), '^(%d+) (%d+)$')
  return tonumber(order), tonumber(attempt), string.sub(value, stop + 1)
end
`;

/**
 * Settle messages, forget the oldest dead letters when there are too many, and take others into the slots that are free then. Replies with false when the consumer is no member (its
 * lease is lost), else with an answer for each step and, for each message, id, order,
 * attempt and payload.
 */
export const turn: string = `${common}
local line, consumers, held, delayed, dead, order = unpack(KEYS)
local owner, holds, lease, pop, push = unpack(ARGV, 1, 5)
local most, number, room, acks = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8]), tonumber(ARGV[9])
holds = holds == '1'
if holds and not redis.call('ZSCORE', consumers, owner) then return false end
local answers = {}
for i = 1, acks do
  answers[i] = holds and redis.call('HDEL', held, ARGV[9 + i]) or 1
end
local first = 10 + acks
if first <= #ARGV then
  -- Throws before anything is done when a key is not what it should be.
  redis.call('LLEN', line) redis.call('ZCARD', delayed) redis.call('HLEN', dead) redis.call('ZCARD', order)
  local buried = 0
  -- The last one first: what is given back goes to the head of the line.
  for at = #ARGV - 4, first, -5 do
    local step, id, a, b, value = unpack(ARGV, at, at + 4)
    if holds then
      -- Our own step, done before its reply was lost, may have brought the message back to us: this is not that delivery.
      local number = value .. ' '
      value = redis.call('HGET', held, id)
      if value and string.sub(value, 1, #number) ~= number then value = false end
    end
    local answer = 0
    if value then
      local _, attempt, payload = open(value)
      answer = 1
      if step == 'extend' then
        redis.call('ZREM', consumers, owner)
        redis.call('ZADD', consumers, now() + lease, owner)
      else
        redis.call('HDEL', held, id)
        if step == 'bury' then
          redis.call('HSET', dead, id, owner .. ' ' .. a .. ' ' .. string.format('%.0f', now()) .. '\\n' .. b .. '\\n' .. payload)
          redis.call('ZADD', order, now(), id)
          buried = buried + 1
        elseif step == 'giveBack' then
          redis.call(push, line, envelope(id, attempt - 1, payload))
        elseif tonumber(a) <= 0 then
          redis.call(push, line, envelope(id, attempt, payload))
        else
          redis.call('ZADD', delayed, now() + a, envelope(id, attempt, payload))
        end
      end
    elseif step == 'bury' then
      -- From a member it goes by the member's own steps alone: this one was done. Its letter may be gone already, taken or forgotten.
      answer = 1
    end
    answers[acks + 1 + (at - first) / 5] = answer
  end
  local over = buried > 0 and redis.call('ZCARD', order) - most or 0
  if over > 0 then
    -- Where the limit is a new one there may be many: not all at once.
    local oldest = redis.call('ZRANGE', order, 0, math.min(over, buried + 1000) - 1)
    redis.call('HDEL', dead, unpack(oldest))
    redis.call('ZREM', order, unpack(oldest))
  end
end
local taken, fields = {}, {}
local payloads = room > 0 and redis.call(pop, line, room) or {}
for _, payload in ipairs(payloads) do
  local id, attempt
  if string.sub(payload, 1, 10) == 'offloop/1 ' then
    local stop
    stop, id, attempt = select(2, string.find(payload, '^offloop/1 (%S+) (%d+)\\n'))
    if stop then payload = string.sub(payload, stop + 1) end
  end
  number = number + 1
  if not id then
    id, attempt = owner .. '-' .. string.format('%.0f', number), 0
  end
  -- A copy of what it has already is no other message.
  if attempt == 0 or not holds or redis.call('HEXISTS', held, id) == 0 then
    attempt = attempt + 1
    taken[#taken + 1], taken[#taken + 2], taken[#taken + 3], taken[#taken + 4] = id, number, attempt, payload
    fields[#fields + 1] = id
    fields[#fields + 1] = string.format('%.0f', number) .. ' ' .. attempt .. '\\n' .. payload
  end
end
if holds and #fields > 0 then redis.call('HSET', held, unpack(fields)) end
return { answers, taken, #payloads }
`;

/**
 * Renew the lease, and let wait again what is due. Replies with 0 when the consumer is no member any more; else 1, how many wait, the
 * milliseconds until the next one is due (-1: none is delayed), the ids of what it has, and consumers whose leases have run out
 * with the time of that.
 */
export const beat: string = `${common}
local line, consumers, held, delayed = unpack(KEYS)
local owner, lease, enters, push = unpack(ARGV)
if enters ~= '1' and not redis.call('ZSCORE', consumers, owner) then return { 0 } end
local waiting = redis.call('LLEN', line)
redis.call('ZCARD', delayed)
local time = now()
redis.call('ZREM', consumers, owner)
redis.call('ZADD', consumers, time + lease, owner)
local due = redis.call('ZRANGEBYSCORE', delayed, '-inf', time, 'LIMIT', 0, 500)
for i = #due, 1, -1 do
  redis.call('ZREM', delayed, due[i])
  redis.call(push, line, due[i])
end
local wait = -1
local first = redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')
if first[2] then wait = math.max(0, math.min(first[2] - time, 2147483647)) end
local expired = redis.call('ZRANGEBYSCORE', consumers, '-inf', time, 'WITHSCORES', 'LIMIT', 0, 100)
return { 1, waiting + #due, math.ceil(wait), redis.call('HKEYS', held), expired }
`;

/**
 * Give back all that a consumer has, the oldest to the head of the line, and take the consumer out: itself, without counting (the score
 * is empty), or because its lease has run out, if nobody has renewed it since. A message that was with consumers that died more than once
 * comes back at a random time, so that one that ends its consumers does not take the same neighbours with it each time.
 */
export const release: string = `${common}
local line, consumers, held, delayed = unpack(KEYS)
local owner, score, push, seed, spread = unpack(ARGV)
redis.call('LLEN', line) redis.call('ZCARD', delayed)
if score ~= '' and (redis.call('ZSCORE', consumers, owner) ~= score or tonumber(score) > now()) then return 0 end
local values = redis.call('HGETALL', held)
redis.call('ZREM', consumers, owner)
redis.call('DEL', held)
local list = {}
for i = 1, #values, 2 do
  local order, attempt, payload = open(values[i + 1])
  list[#list + 1] = { order = order, id = values[i], attempt = attempt, payload = payload }
end
table.sort(list, function(a, b) return a.order > b.order end)
math.randomseed(tonumber(seed))
for _, message in ipairs(list) do
  if score == '' then
    redis.call(push, line, envelope(message.id, message.attempt - 1, message.payload))
  elseif message.attempt < 2 then
    redis.call(push, line, envelope(message.id, message.attempt, message.payload))
  else
    redis.call('ZADD', delayed, now() + math.random() * spread * message.attempt, envelope(message.id, message.attempt, message.payload))
  end
end
return #list
`;

/** The oldest dead letters, as ids and values by turns; taken out when the second argument is 1. */
export const letters: string = `
local dead, order = unpack(KEYS)
local ids = redis.call('ZRANGE', order, 0, ARGV[1] - 1)
local found = {}
for _, id in ipairs(ids) do
  local value = redis.call('HGET', dead, id)
  if value then
    found[#found + 1] = id
    found[#found + 1] = value
  end
  if ARGV[2] == '1' then
    redis.call('HDEL', dead, id)
    redis.call('ZREM', order, id)
  end
end
return found
`;

/** Put dead letters back to the end of the line: those with these ids. Replies with how many. */
export const requeue: string = `${common}
local line, dead, order = unpack(KEYS)
local put = ARGV[1]
redis.call('LLEN', line)
local count = 0
for i = 2, #ARGV do
  local value = redis.call('HGET', dead, ARGV[i])
  redis.call('ZREM', order, ARGV[i])
  if value then
    redis.call('HDEL', dead, ARGV[i])
    local payload = select(3, string.find(value, '^[^\\n]*\\n[^\\n]*\\n(.*)$'))
    redis.call(put, line, envelope(ARGV[i], 0, payload))
    count = count + 1
  end
end
return count
`;

/** Count, in one moment. The keys of what consumers hold come after the others; the reply names all consumers, so that none is missed. */
export const count: string = `
local line, consumers, delayed, dead = unpack(KEYS, 1, 4)
local held = 0
for i = 5, #KEYS do held = held + redis.call('HLEN', KEYS[i]) end
return { redis.call('ZRANGE', consumers, 0, -1), redis.call('LLEN', line), redis.call('ZCARD', delayed), redis.call('HLEN', dead), held }
`;
