-- The way of every request: a control of the sandbox is carried out; a
-- request to the service is written down, meets the next fault that waits for
-- it, and is carried out with limits and credentials checked.
local answer = require "server.answer"
local auth = require "service.auth"
local controls = require "controls.routes"
local cross_origin = require "service.cross_origin"
local faults = require "controls.faults"
local journal = require "controls.journal"
local limits = require "service.limits"
local problems = require "service.problems"
local random_faults = require "controls.random_faults"
local request = require "server.request"
local service = require "service.routes"

local router = {}

-- A route is a table from methods to calls. Exact paths come first, then
-- patterns, whose capture is handed to the call.
local function find(routes, path)
  local route = routes.exact[path]
  if route then return route end
  for _, entry in ipairs(routes.patterns) do
    local capture = path:match(entry.pattern)
    if capture then return entry, capture end
  end
end

local function allowed(route)
  local methods = {}
  for name in pairs(route) do
    if name == name:upper() then methods[#methods + 1] = name end
  end
  table.sort(methods)
  return { Allow = table.concat(methods, ", ") }
end

-- -> status, body, headers; `received` is a request to the service.
local function dispatch(received, route, capture)
  if not route then return problems.answer("unrecognized-request-url") end
  local call = route[received.method]
  if not call then
    local status, body = problems.answer("method-not-allowed")
    return status, body, allowed(route)
  end
  local problem = not call.open and auth.problem(received)
  if problem then return problems.answer(problem) end
  return call.run(received, capture)
end

-- Both sets of headers; `more` wins, and neither table is touched.
local function merge(headers, more)
  if not headers or not more then return headers or more end
  local merged = {}
  for name, value in pairs(headers) do merged[name] = value end
  for name, value in pairs(more) do merged[name] = value end
  return merged
end

-- The service's own answer, with the headers of the rate limits if any.
local function carry_out(received, route, capture)
  local class = route and route.class
    or (received.method == "GET" and "reads" or "writes")
  local limit_headers, exceeded = limits.count(class)
  if exceeded then
    local status, body = problems.answer("too-many-requests")
    return status, body, limit_headers
  end
  local status, body, headers = dispatch(received, route, capture)
  return status, body, merge(headers, limit_headers)
end

-- As carry_out, with the fault in it; no status means to hang up.
local function carry_out_with(fault, received, route, capture)
  local replaces = faults.replaces(fault)
  local status, body, headers
  if not fault.after and not faults.pause(fault) then return nil end
  if fault.after or not replaces then
    status, body, headers = carry_out(received, route, capture)
  end
  if fault.after and not faults.pause(fault) then return nil end
  if replaces then return faults.answer(fault) end
  return status, body, merge(headers, fault.headers)
end

-- What every answer of a path has, whoever gives it.
local function standing_headers(route)
  return route and route.cross_origin and cross_origin.headers
end

-- A browser asks whether a page may call: neither limits nor faults are meant
-- for that.
local function is_question(received, route)
  return route and route.cross_origin and received.method == "OPTIONS"
end

local function answer_question(received, entry)
  local status, body, headers = cross_origin.answer()
  journal.finish(entry, received, status)
  return answer.send(status, body, headers)
end

local function serve_service(received)
  local route, capture = find(service, received.path)
  local entry = journal.write(received, route)
  if is_question(received, route) then
    return answer_question(received, entry)
  end
  local fault = faults.take(received) or random_faults.take()
  local status, body, headers
  if fault then
    status, body, headers = carry_out_with(fault, received, route, capture)
  else
    status, body, headers = carry_out(received, route, capture)
  end
  journal.finish(entry, received, status)
  if not status then return ngx.exit(444) end
  headers = merge(standing_headers(route), headers)
  if fault and fault.truncate then
    return answer.send_half(status, body, headers)
  end
  return answer.send(status, body, headers)
end

local function serve_control(received)
  local route, capture = find(controls, received.path)
  local call = route and route[received.method]
  if not route then
    return answer.send(404, { error = "there is no such control" })
  elseif not call then
    return answer.send(405, { error = "not with this method" }, allowed(route))
  end
  return answer.send(call(received, capture))
end

function router.serve()
  local received = request.received()
  if received.path:sub(1, 9) == "/sandbox/" then
    return serve_control(received)
  end
  return serve_service(received)
end

-- nginx found the body larger than any part may be. It sees that at once when
-- the length was told, or while serve() is already reading the body.
function router.too_large()
  local status, body = problems.answer("uploaded-file-too-large")
  local received = request.received()
  local route = find(service, received.path)
  if ngx.var.content_length then
    local entry = journal.write(received, route)
    journal.finish(entry, received, status)
  end
  return answer.send(status, body, standing_headers(route))
end

return router
