-- Upload tokens in a loop of cqueues; any loop that can watch a descriptor
-- does it likewise. Run it with
--
--   ./run sandbox -- sh -c \
--     'eval "$(./run env)" && lua5.4 examples/loops/cqueues.lua'

local apivideo = require "apivideo"
local condition = require "cqueues.condition"
local cqueues = require "cqueues"

local client = apivideo.new { driver = "step" }
local tokens = client.upload_tokens
local loop, moved, over = cqueues.new(), condition.new(), condition.new()

-- One coroutine watches the client's descriptor, which is readable when there
-- is something to do, and wakes the others.
local watched = { pollfd = client:fd(), events = "r" }
loop:wrap(function()
  while cqueues.poll(watched, over) ~= over do
    client:step(0)
    moved:signal()
  end
end)

-- Calls the function in a task; the coroutine waits until it has ended.
local function in_task(body, ...)
  local task = client:spawn(body, ...)
  while task.state == "running" do moved:wait() end
  return task:await()
end

loop:wrap(function()
  local token = in_task(tokens.create_token, tokens, { ttl = 3600 })
  print("valid for " .. token.ttl .. " seconds")
  in_task(tokens.delete_token, tokens, token.token)
  over:signal()
end)

assert(loop:loop()) -- ends when its coroutines have
