-- KEYS: sessions, details
-- ARGV: now
local out = {}
for _, session in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf')) do
  out[#out + 1] = session
  out[#out + 1] = redis.call('HGET', KEYS[2], session)
end
return out
