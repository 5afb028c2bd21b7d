-- KEYS: counter
-- ARGV: seconds after which it is of no use
local hits = redis.call('INCR', KEYS[1])
if hits == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return hits
