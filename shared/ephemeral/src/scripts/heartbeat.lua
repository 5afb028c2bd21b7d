-- KEYS: sessions, devices, details
-- ARGV: now, ttl, session, device, grace
local now, ttl = tonumber(ARGV[1]), tonumber(ARGV[2])
local ends = redis.call('ZSCORE', KEYS[1], ARGV[3])
if not ends or tonumber(ends) <= now then return 0 end
local keep = ttl + tonumber(ARGV[5])
local details = cjson.decode(redis.call('HGET', KEYS[3], ARGV[3]))
details.last_seen = now
details.expires_at = now + ttl
redis.call('ZADD', KEYS[1], now + ttl, ARGV[3])
redis.call('ZADD', KEYS[2], now + keep, ARGV[4])
redis.call('HSET', KEYS[3], ARGV[3], cjson.encode(details))
for _, key in ipairs(KEYS) do redis.call('EXPIRE', key, keep) end
return now + ttl
