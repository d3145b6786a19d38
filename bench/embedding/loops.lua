-- usage: loops.lua [CALLS], under a sandbox
--
-- What an event loop pays: calls a second under luv against those of a program
-- that blocks, in pairs; how often a loop with nothing to do is woken up; and
-- how many steps a call takes in a loop that watches the descriptor.

local apivideo = require "apivideo"
local socket = require "socket"
local uv = require "luv"
local watched = require "spec.support.watched"

local CALLS = tonumber(arg and arg[1]) or 2000
local PAIRS = 9
local AT_ONCE = 16

local function median(list)
  table.sort(list)
  return list[(#list + 1) / 2]
end

-- --- how fast ----------------------------------------------------------------

local function in_turn(client, token)
  for _ = 1, CALLS do client.upload_tokens:get_token(token) end
end

local function at_once(client, token)
  local items = {}
  for i = 1, CALLS do items[i] = i end
  client:parallel(items, function()
    return client.upload_tokens:get_token(token)
  end, { concurrency = AT_ONCE })
end

local function seconds_of(body, ...)
  local start = socket.gettime()
  body(...)
  return socket.gettime() - start
end

-- Runs `body` as a coroutine in luv's loop.
local function in_loop(body, ...)
  coroutine.wrap(body)(...)
  uv.run()
end

local function compare(name, body, token)
  local block = apivideo.new { driver = "block" }
  local luv = apivideo.new { driver = "luv" }
  local blocking, looping, ratios = {}, {}, {}
  for i = 0, PAIRS do -- the first pair warms up
    local alone = CALLS / seconds_of(body, block, token)
    local beside = CALLS / seconds_of(in_loop, body, luv, token)
    if i > 0 then
      blocking[i], looping[i], ratios[i] = alone, beside, beside / alone
    end
  end
  block:close()
  luv:close()
  print(("%-22s  %6.0f calls/s blocking, %6.0f under luv: %.2f"):format(
    name, median(blocking), median(looping), median(ratios)))
end

-- --- how often ---------------------------------------------------------------

-- How often the process was woken up so far, where the system says so.
local function wakeups()
  local file = io.open "/proc/self/status"
  if not file then return 0 end
  local text = file:read "*a"
  file:close()
  return tonumber(text:match "\nvoluntary_ctxt_switches:%s*(%d+)")
end

-- A loop that ends after two seconds, with a client that made a call before.
local function idle()
  local client = apivideo.new { driver = "luv" }
  in_loop(function() client.upload_tokens:list() end)
  local rounds, count, timer = 0, uv.new_prepare(), uv.new_timer()
  count:start(function() rounds = rounds + 1 end)
  count:unref()
  timer:start(2000, 0, function()
    timer:close()
    count:close()
  end)
  local before = wakeups()
  uv.run()
  client:close()
  -- It goes round once to begin with, and is woken up once to end.
  print(("%-22s  %d wake-ups by the client, %d of the process"):format(
    "idle for 2 s", rounds - 1, wakeups() - before - 1))
end

local function steps(name, calls, at_a_time, token)
  local client = apivideo.new { driver = "step", max_connections = at_a_time }
  local total = 0
  for _ = 1, calls / at_a_time do
    for _ = 1, at_a_time do
      client:spawn(function() client.upload_tokens:get_token(token) end)
    end
    total = total + watched.finish(client)
  end
  client:close()
  print(("%-22s  %.1f steps for each call"):format(name, total / calls))
end

local client = apivideo.new()
local token = client.upload_tokens:create_token().token
compare("one call at a time", in_turn, token)
compare(AT_ONCE .. " calls at once", at_once, token)
steps("one at a time, watched", 512, 1, token)
steps("32 at once, watched", 512, 32, token)
idle()
client:close()
