-- What is measured of a worker, from outside: the clients are processes of
-- their own, wrk and this one.

local nginx = require "spec.support.nginx"
local socket = require "socket"

local measure = {}

local PING_PAUSE = 0.005

-- The value below which that share of a list is.
function measure.share(list, part)
  table.sort(list)
  return list[math.max(1, math.ceil(#list * part))]
end

-- Milliseconds, from how wrk writes a time.
local function milliseconds(number, unit)
  local factors = { us = 0.001, ms = 1, s = 1000 }
  return tonumber(number) * factors[unit]
end

-- A connection that is kept, over which pings go one after the other.
local function pinger(port)
  local connection = assert(socket.connect("127.0.0.1", port))
  connection:setoption("tcp-nodelay", true)
  return function()
    local from = socket.gettime()
    connection:send "GET /ping HTTP/1.1\r\nHost: localhost\r\n\r\n"
    repeat local line = assert(connection:receive "*l") until line == "0"
    connection:receive "*l"
    return (socket.gettime() - from) * 1000
  end
end

-- So many at once, again and again for some seconds, with pings beside them:
-- milliseconds of a call and a ping, calls a second, microseconds of the
-- worker's processor for each.
function measure.load(worker, path, at_once, seconds)
  local ping, pings = pinger(worker.port), {}
  local process = worker:workers()[1]
  local ticks = nginx.ticks(process)
  local wrk = assert(io.popen((
    "wrk -t1 -c%d -d%ds --timeout 20s --latency http://127.0.0.1:%d%s"):format(
    at_once, seconds, worker.port, path)))
  local till = socket.gettime() + seconds
  while socket.gettime() < till do
    pings[#pings + 1] = ping()
    socket.sleep(PING_PAUSE)
  end
  local text = wrk:read "*a"
  wrk:close()
  ticks = nginx.ticks(process) - ticks
  assert(not text:find "Non%-2xx" and not text:find "Socket errors", text)
  local function at(percent)
    return milliseconds(text:match(percent .. "%%%s+([%d.]+)([mu]?s)"))
  end
  return {
    median = at "50", p99 = at "99", ping_p99 = measure.share(pings, 0.99),
    rate = tonumber(text:match "Requests/sec:%s+(%S+)"),
    cpu = ticks * 1e4 / tonumber(text:match "(%d+) requests in"),
  }
end

-- So many at once, once: milliseconds of the median and of the 99th of 100.
function measure.burst(worker, path, at_once)
  local connections, begun, times = {}, {}, {}
  for i = 1, at_once do
    connections[i] = assert(socket.connect("127.0.0.1", worker.port))
    connections[i]:settimeout(0)
  end
  local request = ("GET %s HTTP/1.0\r\n\r\n"):format(path)
  for _, connection in ipairs(connections) do
    begun[connection] = socket.gettime()
    assert(connection:send(request))
  end
  while #times < at_once do
    local readable = socket.select(connections, nil, 10)
    local now = socket.gettime()
    assert(#readable > 0, "no answer came")
    for _, connection in ipairs(readable) do
      times[#times + 1] = (now - begun[connection]) * 1000
      local answer, _, part = connection:receive "*a"
      assert((answer or part):find "^HTTP/1.1 200", answer or part)
      connection:close()
      for i, other in ipairs(connections) do
        if other == connection then table.remove(connections, i) break end
      end
    end
  end
  return measure.share(times, 0.5), measure.share(times, 0.99)
end

-- How often the worker is woken up while one call waits, threads of its own
-- included.
function measure.wake_ups(worker, path)
  local process = worker:workers()[1]
  local function switches()
    local count = 0
    local tasks = io.popen("cat /proc/" .. process .. "/task/*/status")
    for number in tasks:read "*a":gmatch "\nvoluntary_ctxt_switches:%s*(%d+)" do
      count = count + number
    end
    tasks:close()
    return count
  end
  local before, from = switches(), socket.gettime()
  worker:get(path)
  return (switches() - before) / (socket.gettime() - from)
end

-- Seconds of an upload, and the 99th of 100 pings meanwhile.
function measure.upload(worker, path, size)
  local ping, pings = pinger(worker.port), {}
  local request = worker:send(("/upload?path=%s&size=%d"):format(path, size))
  request:settimeout(0)
  local answer, why, part
  repeat
    pings[#pings + 1] = ping()
    socket.sleep(0.002)
    answer, why, part = request:receive("*a", part)
  until why ~= "timeout"
  request:close()
  return tonumber(answer:match "\r\n\r\n(.*)"), measure.share(pings, 0.99)
end

return measure
