-- What reached the service: the last requests in full, and counts of all.
local json = require "server.json"

local KEPT = 10000

local journal = {}

-- entries[first .. last]; counts by "METHOD /route"; connections by nginx's
-- number of each.
local entries, first, last
local counts, connections, connection_count

function journal.clear()
  entries, first, last = {}, 1, 0
end

function journal.reset()
  journal.clear()
  counts, connections, connection_count = {}, {}, 0
end

journal.reset()

-- -> the number of the connection that the request came through.
local function count_connection()
  local number = tonumber(ngx.var.connection)
  if not connections[number] then
    connections[number] = true
    connection_count = connection_count + 1
  end
  return number
end

-- Notes a request; what is returned is for journal.finish.
function journal.write(request, route)
  local name = request.method .. " " .. (route and route.name or "(unknown)")
  counts[name] = (counts[name] or 0) + 1
  local entry = {
    method = request.method, path = request.target,
    headers = request.headers, connection = count_connection(),
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

-- Counts since the start or the last reset: requests to the service, and the
-- connections that they came through.
function journal.stats()
  local total = 0
  for _, count in pairs(counts) do total = total + count end
  return { requests = total, routes = counts, connections = connection_count }
end

return journal
