-- Upload tokens in luv's loop: a coroutine makes calls as if it waited, and
-- the loop goes on meanwhile. Run it with
--
--   ./run sandbox -- sh -c \
--     'eval "$(./run env)" && lua5.4 examples/loops/luv.lua'

local apivideo = require "apivideo"
local uv = require "luv"

local client = apivideo.new { driver = "luv" }
local tokens = client.upload_tokens

-- What else the loop has to do.
local ticks = 0
local clock = uv.new_timer()
clock:start(10, 10, function() ticks = ticks + 1 end)

coroutine.wrap(function()
  local made = client:parallel({ 60, 120, 180 }, function(ttl)
    return tokens:create_token { ttl = ttl }
  end)
  for _, token in ipairs(made) do
    print("valid for " .. token.ttl .. " seconds")
    tokens:delete_token(token.token)
  end
  clock:close()
end)()

uv.run() -- ends when the timer is closed and no call is in flight
print("the clock ticked " .. ticks .. " times meanwhile")
