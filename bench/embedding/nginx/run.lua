-- The module in nginx against the same calls on nginx's own sockets, one
-- worker each, in turn: what a call takes longer, bursts, what the worker and
-- its other visitors pay.
--
-- usage: run.lua [ROUNDS [SECONDS]]

local measure = require "bench.embedding.nginx.measure"
local servers = require "bench.embedding.nginx.servers"
local socket = require "socket"

local ROUNDS = tonumber(arg[1]) or 3
local SECONDS = tonumber(arg[2]) or 4
local UPLOAD = 200 * 2 ^ 20

local service = servers.service()
local sides = {
  ours = servers.worker("ours", service),
  peer = servers.worker("peer", service),
}

local video = service.place:file "video"
service.place:run(("head -c %d /dev/urandom >video"):format(UPLOAD))

-- Several bursts in a row.
local function bursts(worker, at_once, count)
  local medians, p99s = {}, {}
  for i = 1, count do
    medians[i], p99s[i] = measure.burst(worker, "/call/to100", at_once)
    socket.sleep(0.05)
  end
  return {
    median = measure.share(medians, 0.5), p99 = measure.share(p99s, 0.5),
  }
end

-- A row: its name, what is measured of each side, and which figures of that
-- are of interest: with `of`, as a ratio of the peer's.
local ROWS = {
  { "20 at once, answers after 100 ms", function(worker)
    return measure.load(worker, "/call/to100", 20, SECONDS)
  end, { "median", "p99" } },
  { "a burst of 200", function(worker)
    return bursts(worker, 200, 5)
  end, { "median", "p99" }, of = true },
  { "a burst of 500", function(worker)
    return bursts(worker, 500, 5)
  end, { "median", "p99" }, of = true },
  { "a burst of 200, right after a reload", function(worker)
    worker:reload()
    worker:get "/ping"
    return bursts(worker, 200, 1)
  end, { "median", "p99" }, of = true },
  { "one at a time, answers at once", function(worker)
    return measure.load(worker, "/call/to0", 1, SECONDS)
  end, { "rate", "cpu" }, of = true },
  { "200 at once, answers after 100 ms", function(worker)
    return measure.load(worker, "/call/to100", 200, SECONDS)
  end, { "median", "p99", "rate", "cpu", "ping_p99" }, of = true },
  { "500 at once, answers after 100 ms", function(worker)
    return measure.load(worker, "/call/to100", 500, SECONDS)
  end, { "median", "p99", "rate", "cpu", "ping_p99" }, of = true },
  { "wake-ups a second while one call waits 4 s", function(worker)
    return { wake_ups = measure.wake_ups(worker, "/call/to4000") }
  end, { "wake_ups" } },
  { "an upload of 200 MiB", function(worker)
    local seconds, ping_p99 = measure.upload(worker, video, UPLOAD)
    return { rate = 200 / seconds, ping_p99 = ping_p99 }
  end, { "rate", "ping_p99" }, of = true },
}

local function compare(row)
  local name, body, figures = unpack(row)
  local lists = {}
  for _ = 1, ROUNDS do
    for side, worker in pairs(sides) do
      local result = body(worker)
      for _, figure in ipairs(figures) do
        local key = side .. figure
        lists[key] = lists[key] or {}
        table.insert(lists[key], result[figure])
      end
    end
  end
  print(name)
  for _, figure in ipairs(figures) do
    local ours = measure.share(lists["ours" .. figure], 0.5)
    local peer = measure.share(lists["peer" .. figure], 0.5)
    print(("  %-9s %9.2f  against %9.2f%s"):format(figure, ours, peer,
      row.of and ("  %5.2f times"):format(ours / peer) or ""))
  end
  io.stdout:flush()
end

print("against " .. select(2, sides.peer:get "/name"))
for _, side in pairs(sides) do -- what is known of the limit is known by now
  for _ = 1, 3 do measure.burst(side, "/call/to100", 200) end
end
local wanted = arg[3]
for _, row in ipairs(ROWS) do
  if not wanted or row[1]:find(wanted, 1, true) then compare(row) end
end
for _, side in pairs(sides) do
  local troubles = side:troubles "resty%.openssl"
  side:close()
  assert(troubles == "", troubles)
end
-- What `max_connections` does to 200 at once.
for _, connections in ipairs { 16, 64, 512 } do
  if wanted then break end
  local worker = servers.worker("ours", service, connections)
  for _ = 1, 3 do measure.burst(worker, "/call/to100", 200) end
  local it = measure.load(worker, "/call/to100", 200, SECONDS)
  print(("max_connections = %3d: %5d calls a second, median %6.1f ms, p99 %6.1f"
    .. " ms, %3d us of the processor"):format(
    connections, it.rate, it.median, it.p99, it.cpu))
  worker:close()
end
service:close()
