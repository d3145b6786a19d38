-- 200 requests at once through one worker of nginx, each with a call that is
-- answered after 100 ms, while another location of that worker answers pings:
-- how long calls and pings take, and what the worker does afterwards.
--
-- Prints a line a round. The clients are processes of their own: wrk for the
-- calls, this one for the pings.

local nginx = require "spec.support.nginx"
local socket = require "socket"

local ROUNDS = tonumber(arg[1]) or 5
local SECONDS = tonumber(arg[2]) or 4
local AT_ONCE = 200
local PING_PAUSE = 0.005
local IDLE = 2 -- seconds that the worker is looked at afterwards

local SERVICE = {
  http = "keepalive_requests 1000000000; lua_shared_dict seen 1m;",
  server = [[
    location / {
      default_type application/json;
      content_by_lua_block {
        local seen = ngx.shared.seen
        local now = seen:incr("now", 1, 0)
        if now > (seen:get "most" or 0) then seen:set("most", now) end
        ngx.sleep(0.1)
        ngx.print '{"token":"to1tcmSFHeYY5KzyhOqVKMKb","ttl":7,'
        ngx.print '"createdAt":"2026-11-23T10:13:19+00:00"}'
      }
      log_by_lua_block { ngx.shared.seen:incr("now", -1) }
    }
    location = /most {
      content_by_lua_block { ngx.print(ngx.shared.seen:get "most") }
    }
  ]],
}

local SHARED = [[
return require("apivideo").new {
  base_url = "http://127.0.0.1:%d", api_key = "some_key",
  max_connections = %d,
}
]]

local WORKER = {
  http = "keepalive_requests 1000000000;",
  server = [[
    location = /call {
      content_by_lua_block {
        local tokens = require("shared").upload_tokens
        ngx.print(tokens:get_token("to1tcmSFHeYY5KzyhOqVKMKb").ttl)
      }
    }
    location = /ping { content_by_lua_block { ngx.print "pong" } }
  ]],
}

-- Milliseconds, from how wrk writes a time.
local function milliseconds(number, unit)
  local factors = { us = 0.001, ms = 1, s = 1000 }
  return tonumber(number) * factors[unit]
end

-- The value below which that share of a sorted list is.
local function share(list, part)
  return list[math.max(1, math.ceil(#list * part))]
end

-- A connection that is kept, over which pings go one after the other.
local function pinger(port)
  local connection = assert(socket.connect("127.0.0.1", port))
  connection:setoption("tcp-nodelay", true)
  return function()
    local from = socket.gettime()
    connection:send "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
    local size
    repeat
      local line = assert(connection:receive "*l")
      if line:lower() == "transfer-encoding: chunked" then size = "chunked" end
    until line == ""
    assert(size, "the answer to a ping has an unknown form")
    repeat local line = assert(connection:receive "*l") until line == "0"
    connection:receive "*l"
    return (socket.gettime() - from) * 1000
  end
end

-- Pings until the pipe of wrk has something to say.
local function ping_for(ping, seconds)
  local times = {}
  local till = socket.gettime() + seconds
  while socket.gettime() < till do
    times[#times + 1] = ping()
    socket.sleep(PING_PAUSE)
  end
  table.sort(times)
  return times
end

local function round(worker, ping)
  local wrk = assert(io.popen((
    "wrk -t1 -c%d -d%ds --latency http://127.0.0.1:%d/call"):format(
    AT_ONCE, SECONDS, worker.port)))
  local process = worker:workers()[1]
  local ticks = nginx.ticks(process)
  local pings = ping_for(ping, SECONDS)
  ticks = nginx.ticks(process) - ticks
  local text = wrk:read "*a"
  wrk:close()
  assert(not text:find "Non%-2xx" and not text:find "Socket errors", text)
  local function at(percent)
    return milliseconds(text:match(percent .. "%%%s+([%d.]+)([mu]?s)"))
  end
  local calls = text:match "Requests/sec:%s+(%S+)"
  print(("calls: median %6.1f ms  p99 %6.1f ms  %5d a second | pings: median"
    .. " %4.1f ms  p99 %4.1f ms  most %4.1f ms | processor %3d %%"):format(
    at "50", at "99", calls, share(pings, 0.5), share(pings, 0.99),
    pings[#pings], ticks / SECONDS))
  return at "50", share(pings, 0.99)
end

-- What the worker does while nothing is asked of it.
local function idle(worker)
  local process = worker:workers()[1]
  socket.sleep(0.5)
  local ticks, switches = nginx.ticks(process), nginx.switches(process)
  socket.sleep(IDLE)
  print(("idle for %d s: %d ticks of the processor, woken up %d times"):format(
    IDLE, nginx.ticks(process) - ticks, nginx.switches(process) - switches))
end

local function median(list)
  table.sort(list)
  return share(list, 0.5)
end

local service = nginx.start(SERVICE)
WORKER.files = { ["shared.lua"] = SHARED:format(service.port, AT_ONCE) }
local worker = nginx.start(WORKER)
-- Until the service has answered, the client lets only some fly.
for _ = 1, 3 do
  local requests = {}
  for i = 1, AT_ONCE do requests[i] = worker:send "/call" end
  for i = 1, AT_ONCE do nginx.receive(requests[i]) end
end
local ping = pinger(worker.port)
local calls, pings = {}, {}
for i = 1, ROUNDS do calls[i], pings[i] = round(worker, ping) end
local _, most = service:get "/most"
print(("at once, as the service saw it: %d"):format(most))
print(("medians of %d rounds: call %.1f ms, p99 of the pings %.1f ms"):format(
  ROUNDS, median(calls), median(pings)))
idle(worker)
local troubles = worker:troubles()
worker:close()
service:close()
assert(troubles == "", troubles)
