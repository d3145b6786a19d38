-- usage: soak.lua [CALLS [unmeasured]], under a sandbox
--
-- Makes CALLS calls (1,000,000 if not said) while a tenth of the requests meets
-- a fault, most of them many at a time, and fails unless
--
--   every call ends exactly one way, which its kind tells,
--   every answer belongs to its call,
--   no call ends later than 100 ms after its deadline, times that the system
--   gave to other processes aside,
--   memory grows by less than 1 MiB after the first tenth (and 8,000 calls),
--   no descriptor is left open.
--
-- With `unmeasured`, time and memory are not judged: for memcheck and the
-- sanitizers, which change both.

local apivideo = require "apivideo"
local core = require "apivideo.core"
local process = require "spec.support.process"
local random = require "spec.support.random"

local unpack = table.unpack or unpack -- luacheck: ignore 113 143

local CALLS = tonumber(arg[1]) or 1000000
local MEASURED = arg[2] ~= "unmeasured"

local FAULT_RATE = 0.1
local IN_FLIGHT = 64
local MAX_CONNECTIONS = 16
local TIMEOUTS = { 2, 2, 2, 0.5, 0.03 } -- one of them, by chance
local LATEST = 0.1 -- seconds after the deadline
local WARM = 8000 -- calls after which memory may not grow much
-- Bytes by which the process may grow, and what Lua itself holds. LuaJIT goes
-- on compiling for some 100,000 calls.
local GROWTH, HELD = jit and 2 ^ 21 or 2 ^ 20, 2 ^ 18
local MOST_TOKENS = 200
local NO_TOKEN = "toSoakTokenThatIsNone1234"

-- How a call may end here; any other kind is a mistake of ours.
local KINDS = {
  done = true, connection = true, timeout = true, protocol = true,
  server_error = true, too_many_requests = true, not_found = true,
  cancelled = true, dropped = true, unauthorized = true,
}

local FILM = ("0123456789abcdef"):rep(256)
local UPLOAD = "upload_with_upload_token"

local chance = random(12)
local tokens = {} -- those that live, as far as we know
local started, ended, attempts = 0, 0, 0
local by_kind = {}
local latest = 0 -- seconds after the deadline, the worst of all calls

-- --- the end of a call ------------------------------------------------------

-- What the value of each operation must be; `asked` is its argument.
local check_value = {}

function check_value.create_token(token, asked)
  assert(#token.token > 16 and token.ttl == asked.ttl)
  if #tokens < MOST_TOKENS then tokens[#tokens + 1] = token.token end
end

function check_value.get_token(token, asked)
  assert(token.token == asked, "an answer belongs to another call")
end

function check_value.delete_token(deleted)
  assert(deleted == true)
end

function check_value.list(page, asked)
  assert(#page.data <= asked.page_size)
  assert(page.pagination.current_page == asked.current_page)
end

function check_value.upload_with_upload_token(video)
  assert(#video.video_id > 16 and video.title == "film.mp4")
end

local function finish(kind)
  assert(KINDS[kind], "a call ended as " .. tostring(kind))
  ended = ended + 1
  by_kind[kind] = (by_kind[kind] or 0) + 1
end

-- process.starved() when the turn before this one began, and this one.
local starved_before, starved_now = 0, 0

local function begin_turn()
  starved_before, starved_now = starved_now, process.starved()
end

local function note_time(elapsed, timeout)
  local late = elapsed - timeout
  if late > latest then
    late = late - (process.starved() - starved_before)
  end
  latest = math.max(latest, late)
end

-- `elapsed` is nil for the engine's own measure; the rest is what pcall gave.
local function judge(each, elapsed, ok, value, response)
  if not ok and not apivideo.is_error(value) then error(value, 0) end
  local outcome = ok and response or value
  note_time(elapsed or outcome.elapsed, each.timeout)
  attempts = attempts + outcome.attempts
  if ok then check_value[each.operation](value, each.argument) end
  finish(ok and "done" or value.kind)
end

-- Asked once more, a call gives its error again but never its value.
local function check_ended_once(call, ok, value)
  local again, other = pcall(call.result, call)
  assert(not again and apivideo.is_error(other) == not ok)
  assert(ok or other.kind == value.kind, "a call ended in two ways")
end

-- --- the calls --------------------------------------------------------------

-- A token that nobody else will ask for.
local function take_token()
  if #tokens == 0 then return NO_TOKEN end
  local place = chance(1, #tokens)
  local token = tokens[place]
  tokens[place] = tokens[#tokens]
  tokens[#tokens] = nil
  return token
end

local function choose()
  local each = { timeout = TIMEOUTS[chance(1, #TIMEOUTS)] }
  local number = chance(1, 100)
  if number <= 25 then
    each.operation, each.argument = "create_token", { ttl = 60 }
  elseif number <= 55 then
    local token = #tokens > 0 and tokens[chance(1, #tokens)]
    each.operation, each.argument = "get_token", token or NO_TOKEN
  elseif number <= 80 then
    each.operation, each.argument = "delete_token", take_token()
  elseif number <= 85 then
    each.operation = UPLOAD
    each.argument = #tokens > 0 and tokens[chance(1, #tokens)] or NO_TOKEN
  else
    each.operation = "list"
    each.argument = { page_size = 5, current_page = chance(1, 20) }
  end
  return each
end

-- What a method takes behind its object.
local function arguments_of(each, source)
  local options = { timeout = each.timeout }
  if each.operation ~= UPLOAD then return each.argument, options end
  return each.argument, source, options
end

local WHOLE = { data = FILM, file_name = "film.mp4" }
local PART = { source = FILM, offset = 0, size = #FILM, file_name = "film.mp4" }

-- One that the whole program waits for, through the methods for everybody.
local function call_method(client)
  local each = choose()
  local methods = each.operation == UPLOAD and client.videos
    or client.upload_tokens
  local began = core.now()
  local results = { pcall(
    methods[each.operation], methods, arguments_of(each, WHOLE)) }
  started = started + 1
  judge(each, core.now() - began, unpack(results, 1, 3))
end

local flight = {}

local function start(client)
  local each = choose()
  local call = client.core:start(each.operation, arguments_of(each, PART))
  started = started + 1
  local number = chance(1, 200)
  if number == 1 then
    finish "dropped" -- left to the collector
    return
  end
  if number == 2 then call:cancel() end
  each.call = call
  flight[#flight + 1] = each
end

local function collect_ended()
  for place = #flight, 1, -1 do
    local each = flight[place]
    if each.call:done() then
      local ok, value, response = pcall(each.call.result, each.call)
      judge(each, nil, ok, value, response)
      check_ended_once(each.call, ok, value)
      flight[place] = flight[#flight]
      flight[#flight] = nil
    end
  end
end

local function end_all(client)
  while #flight > 0 do
    client:step(0.1)
    collect_ended()
  end
end

-- A whole life of another client, closed with calls in flight. With "bearer"
-- the exchange of keys is as unwell as everything else.
local function live(auth)
  local client = apivideo.new { auth = auth }
  call_method(client)
  local left = {}
  for i = 1, 3 do left[i] = client.core:start "list" end
  started = started + #left
  client.core:step(0)
  client:close()
  for _, call in ipairs(left) do
    local ok, err = pcall(call.result, call)
    finish(ok and "done" or err.kind)
  end
end

-- --- the run ----------------------------------------------------------------

local function spoil_the_sandbox()
  local command = ([[curl -sf -o /dev/null -d '{"fault_rate":%g}' \
    --cacert "${APIVIDEO_CA_FILE:-/dev/null}" \
    "$APIVIDEO_BASE_URL/sandbox/settings"]]):format(FAULT_RATE)
  local done = os.execute(command)
  assert(done == true or done == 0, "the sandbox takes no settings")
end

-- What the process sets up only once is not to be counted.
local function warm_up()
  local client = apivideo.new()
  client.upload_tokens:list()
  client:close()
end

local function tell(memory, descriptors)
  io.stderr:write(("%d calls, %.2f MiB, %d descriptors\n"):format(
    ended, memory / 2 ^ 20, descriptors))
end

-- Some calls, most of them at the same time.
local function take_turn(client)
  begin_turn()
  while #flight < IN_FLIGHT do start(client) end
  client.core:step(0.1)
  collect_ended()
  if chance(1, 100) == 1 then call_method(client) end
  if chance(1, 2500) == 1 then
    end_all(client.core) -- nobody would see to its deadlines
    live(chance(1, 2) == 1 and "basic" or "bearer")
  end
end

-- Bytes that Lua holds.
local function held()
  for _ = 1, 2 do collectgarbage() end
  return collectgarbage "count" * 1024
end

-- -> seconds, growth of memory and of what Lua holds once it was warm, most
-- descriptors
local function run()
  local client = apivideo.new { max_connections = MAX_CONNECTIONS }
  local memory_then, held_then
  local most_descriptors = 0
  local began = core.now()
  for tenth = 1, 10 do
    while started < CALLS * tenth / 10 do take_turn(client) end
    end_all(client.core)
    local memory, descriptors = process.memory(), process.descriptors()
    if not memory_then and (ended >= WARM or tenth == 10) then
      memory_then, held_then = memory, held()
    end
    most_descriptors = math.max(most_descriptors, descriptors)
    tell(memory, descriptors)
  end
  local seconds = core.now() - began
  client:close()
  return seconds, process.memory() - memory_then, held() - held_then,
    most_descriptors
end

local function report_measures(seconds, growth, more_held)
  print(("%.1f s, %.0f calls/s"):format(seconds, ended / seconds))
  print(("latest end: %.1f ms after the deadline"):format(latest * 1000))
  print(("memory: %+.2f MiB once it was warm, of Lua's %+.2f MiB"):format(
    growth / 2 ^ 20, more_held / 2 ^ 20))
end

local function report(most_descriptors, before, after)
  local kinds = {}
  for kind in pairs(by_kind) do kinds[#kinds + 1] = kind end
  table.sort(kinds)
  print(("%d calls, %d attempts"):format(ended, attempts))
  for _, kind in ipairs(kinds) do
    print(("  %-18s%9d"):format(kind, by_kind[kind]))
  end
  print(("descriptors: %d before, %d at most, %d after"):format(
    before, most_descriptors, after))
end

warm_up()
spoil_the_sandbox()
local before = process.descriptors()
local seconds, growth, more_held, most_descriptors = run()
local after = process.descriptors()
report(most_descriptors, before, after)
if MEASURED then report_measures(seconds, growth, more_held) end

assert(ended == started, "calls ended in no way, or in two")
assert(after == before, "descriptors were left open")
-- Besides its connections an engine has a few descriptors to wake itself.
assert(most_descriptors <= before + MAX_CONNECTIONS + 4,
  "there were too many descriptors")
if MEASURED then
  assert(latest <= LATEST, "a call ended too late")
  assert(growth < GROWTH, "memory grew")
  assert(more_held < HELD, "Lua holds more and more")
end
