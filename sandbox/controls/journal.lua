-- What reached the service: the last requests in full, and counts of all.
local json = require "server.json"

local KEPT = 10000

local journal = {}

-- entries[first .. last]; counts by "METHOD /route".
local entries, first, last
local counts, connections_before

local function connection_number()
  return tonumber(ngx.var.connection)
end

function journal.clear()
  entries, first, last = {}, 1, 0
end

function journal.reset()
  journal.clear()
  -- nginx gives number 1 to itself. The connection that asks for a reset is
  -- the first one after it.
  counts, connections_before = {}, 1
  if ngx.get_phase() == "content" then
    connections_before = connection_number() - 1
  end
end

journal.reset()

-- Notes a request; what is returned is for journal.finish.
function journal.write(request, route)
  local name = request.method .. " " .. (route and route.name or "(unknown)")
  counts[name] = (counts[name] or 0) + 1
  local entry = {
    method = request.method, path = request.target,
    headers = request.headers, connection = connection_number(),
  }
  last = last + 1
  entries[last] = entry
  if last - first >= KEPT then
    entries[first] = nil
    first = first + 1
  end
  return entry
end

-- Adds what only became known while the request was carried out.
function journal.finish(entry, request, status)
  entry.status = status
  entry.body = request.body
end

function journal.list()
  local list = json.array({})
  for i = first, last do list[#list + 1] = entries[i] end
  return list
end

-- Counts since the start or the last reset. nginx numbers its connections,
-- so the newest number tells how many were accepted.
function journal.stats()
  local total = 0
  for _, count in pairs(counts) do total = total + count end
  return {
    requests = total, routes = counts,
    connections = connection_number() - connections_before,
  }
end

return journal
