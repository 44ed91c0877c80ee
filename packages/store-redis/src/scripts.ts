/**
 * Each verb is one Lua script: Redis runs it alone, so a race and a replay land in the same branch. `KEYS[1]` is the
 * prefix of every key; the instants come from the caller.
 * - `…s:<hash>` a session (hash); `…sub:<sub>` and `…sid:<client> <sid>` its indexes (sorted sets, by member)
 * - `…ends` when a session's row may go; `…once` until when a one-time value counts (sorted sets, by score)
 */
const prelude = `
local P = KEYS[1]
local function load(hash)
  local list = redis.call('HGETALL', P .. 's:' .. hash)
  if #list == 0 then return nil end
  local row = {}
  for i = 1, #list, 2 do row[list[i]] = list[i + 1] end
  return row
end
local function alive(hash, now)
  local row = load(hash)
  if not row or row.revokedAt then return nil end
  if tonumber(row.idleExpiresAt) <= now or tonumber(row.absoluteExpiresAt) <= now then return nil end
  return row
end
local function indexes(row)
  local keys = { P .. 'sub:' .. row.sub }
  keys[2] = P .. 'client:' .. row.clientId
  if row.sid then keys[3] = P .. 'sid:' .. row.clientId .. ' ' .. row.sid end
  return keys
end
local function tell(origin, hash)
  redis.call('PUBLISH', P .. 'changes', origin .. ' ' .. hash)
end
local function finish(hash, row, now, origin, because)
  for _, key in ipairs(indexes(row)) do redis.call('ZREM', key, hash) end
  redis.call('HDEL', P .. 's:' .. hash, 'leaseEndsAt')
  redis.call('HSET', P .. 's:' .. hash, 'revokedAt', now, 'endedBecause', because, 'sealedTokens', '')
  redis.call('ZADD', P .. 'ends', now + 3600, hash)
  tell(origin, hash)
end
`

/** A filter is a kind (`hash` or an index) and its value. */
const pages = `
local function page(kind, value, after, count)
  if kind == 'hash' then
    if value > after then return { value } end
    return {}
  end
  local from = after == '' and '-' or '(' .. after
  return redis.call('ZRANGEBYLEX', P .. kind .. ':' .. value, from, '+', 'LIMIT', 0, count)
end
`

const bodies = {
  /** origin, replaces, now, hash, end, field, value, … → 1, or 0 when the key ever was; then 1 when one was replaced. */
  create: `
local origin, replaces, now, hash = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4]
if redis.call('EXISTS', P .. 's:' .. hash) == 1 then return { 0, 0 } end
local row = {}
for i = 6, #ARGV, 2 do row[ARGV[i]] = ARGV[i + 1] end
redis.call('HSET', P .. 's:' .. hash, unpack(ARGV, 6))
redis.call('ZADD', P .. 'ends', ARGV[5], hash)
for _, key in ipairs(indexes(row)) do redis.call('ZADD', key, 0, hash) end
local before = load(replaces)
if replaces == '' or not before or before.revokedAt then return { 1, 0 } end
finish(replaces, before, now, origin, 'replaced')
return { 1, 1 }`,
  /** hash, now, idle end → 1 or 0 */
  touch: `
local row = alive(ARGV[1], tonumber(ARGV[2]))
if not row then return 0 end
local seen = math.max(tonumber(row.lastSeenAt), tonumber(ARGV[2]))
local idle = math.max(tonumber(row.idleExpiresAt), tonumber(ARGV[3]))
idle = math.min(idle, tonumber(row.absoluteExpiresAt))
redis.call('HSET', P .. 's:' .. ARGV[1], 'lastSeenAt', seen, 'idleExpiresAt', idle)
redis.call('ZADD', P .. 'ends', idle, ARGV[1])
return 1`,
  /** hash, version, now, lease end, holder, the fence to take over from or '' → outcome, fence, holder, lease end, asked at, answer by */
  claimRefresh: `
local row = alive(ARGV[1], tonumber(ARGV[3]))
if not row then return { 'gone' } end
if row.version ~= ARGV[2] then return { 'moved' } end
if row.leaseEndsAt and row.fence ~= ARGV[6] then
  local held = math.max(tonumber(row.leaseEndsAt), tonumber(row.answerBy or 0))
  if held > tonumber(ARGV[3]) then
    return { 'busy', row.fence, row.holder or '', row.leaseEndsAt, row.askedAt or '', row.answerBy or '' }
  end
end
redis.call('HDEL', P .. 's:' .. ARGV[1], 'askedAt', 'answerBy')
redis.call('HSET', P .. 's:' .. ARGV[1], 'leaseEndsAt', ARGV[4], 'holder', ARGV[5])
return { 'claimed', tostring(redis.call('HINCRBY', P .. 's:' .. ARGV[1], 'fence', 1)) }`,
  /** hash, fence, now, lease end, answer by → 1 or 0 */
  announceRequest: `
local row = alive(ARGV[1], tonumber(ARGV[3]))
if not row or row.fence ~= ARGV[2] or not row.leaseEndsAt then return 0 end
redis.call('HSET', P .. 's:' .. ARGV[1], 'leaseEndsAt', ARGV[4], 'askedAt', ARGV[3], 'answerBy', ARGV[5])
return 1`,
  /** hash, fence, now, lease end → 1 or 0 */
  renewLease: `
local row = alive(ARGV[1], tonumber(ARGV[3]))
if not row or row.fence ~= ARGV[2] or not row.leaseEndsAt then return 0 end
redis.call('HSET', P .. 's:' .. ARGV[1], 'leaseEndsAt', ARGV[4])
return 1`,
  /** hash, version, fence, now, sealed tokens, origin → outcome */
  commitTokens: `
local row = alive(ARGV[1], tonumber(ARGV[4]))
if not row then return 'gone' end
if row.version ~= ARGV[2] or row.fence ~= ARGV[3] or not row.leaseEndsAt then return 'superseded' end
redis.call('HDEL', P .. 's:' .. ARGV[1], 'leaseEndsAt')
redis.call('HSET', P .. 's:' .. ARGV[1], 'sealedTokens', ARGV[5])
redis.call('HINCRBY', P .. 's:' .. ARGV[1], 'version', 1)
tell(ARGV[6], ARGV[1])
return 'committed'`,
  /** hash, fence */
  releaseRefresh: `
local row = load(ARGV[1])
if row and row.fence == ARGV[2] then redis.call('HDEL', P .. 's:' .. ARGV[1], 'leaseEndsAt') end
return 0`,
  /** kind, value, now, origin, why → how many were alive, then every hash that ended */
  revoke: `${pages}
local now, lived, ended = tonumber(ARGV[3]), 0, {}
for _, hash in ipairs(page(ARGV[1], ARGV[2], '', -1)) do
  local row = load(hash)
  if row and not row.revokedAt then
    if alive(hash, now) then lived = lived + 1 end
    finish(hash, row, now, ARGV[4], ARGV[5])
    ended[#ended + 1] = hash
  end
end
return { lived, ended }`,
  /** hash → why it was revoked, or '' */
  whyEnded: `return redis.call('HGET', P .. 's:' .. ARGV[1], 'endedBecause') or ''`,
  /** kind, value, after, limit, now → sessions, each with its hash and then its fields and values */
  list: `${pages}
local after, limit, found = ARGV[3], tonumber(ARGV[4]), {}
while #found < limit do
  local hashes = page(ARGV[1], ARGV[2], after, 100)
  for _, hash in ipairs(hashes) do
    if #found < limit and alive(hash, tonumber(ARGV[5])) then
      local session = redis.call('HGETALL', P .. 's:' .. hash)
      table.insert(session, 1, hash)
      found[#found + 1] = session
    end
    after = hash
  end
  if #hashes < 100 then break end
end
return found`,
  /** value, end, now → 1 for the first */
  rememberOnce: `
local until_ = redis.call('ZSCORE', P .. 'once', ARGV[1])
if until_ and tonumber(until_) > tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', P .. 'once', ARGV[2], ARGV[1])
return 1`,
  /** key, end, now → 1 for the first; the key goes by itself */
  rememberProof: `
local until_ = redis.call('GET', P .. ARGV[1])
if until_ and tonumber(until_) > tonumber(ARGV[3]) then return 0 end
local left = math.max(1, math.ceil(tonumber(ARGV[2]) - tonumber(ARGV[3])))
redis.call('SET', P .. ARGV[1], ARGV[2], 'EX', left)
return 1`,
  /** now, limit → how many went */
  sweep: `
local limit = tonumber(ARGV[2])
local old = redis.call('ZRANGEBYSCORE', P .. 'ends', '-inf', ARGV[1], 'LIMIT', 0, limit)
for _, hash in ipairs(old) do
  local row = load(hash)
  if row then for _, key in ipairs(indexes(row)) do redis.call('ZREM', key, hash) end end
  redis.call('DEL', P .. 's:' .. hash)
  redis.call('ZREM', P .. 'ends', hash)
end
local past = redis.call('ZRANGEBYSCORE', P .. 'once', '-inf', ARGV[1], 'LIMIT', 0, limit - #old)
for _, value in ipairs(past) do redis.call('ZREM', P .. 'once', value) end
return #old + #past`,
}

export type ScriptName = keyof typeof bodies

/** The whole text of a script. */
export function scriptText(name: ScriptName): string {
  return prelude + bodies[name]
}
