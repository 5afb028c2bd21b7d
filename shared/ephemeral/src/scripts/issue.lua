-- KEYS: sessions (id -> end), devices (id -> end of its place), details (id -> JSON)
-- ARGV: now, ttl, max_sessions, max_devices, session, device, details, grace
local now, ttl = tonumber(ARGV[1]), tonumber(ARGV[2])
for _, ended in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now)) do
  redis.call('HDEL', KEYS[3], ended)
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now)
local known = redis.call('ZSCORE', KEYS[1], ARGV[5])
if known then return tonumber(known) end
if not redis.call('ZSCORE', KEYS[2], ARGV[6]) and redis.call('ZCARD', KEYS[2]) >= tonumber(ARGV[4]) then
  return -1
end
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return -2 end
local keep = ttl + tonumber(ARGV[8])
redis.call('ZADD', KEYS[1], now + ttl, ARGV[5])
redis.call('ZADD', KEYS[2], now + keep, ARGV[6])
redis.call('HSET', KEYS[3], ARGV[5], ARGV[7])
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, keep) end
return now + ttl
