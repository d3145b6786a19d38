-- Answers that a test ordered: the next requests to the service that match
-- get them, each in its turn.
local problems = require "service.problems"

local faults = {}

local waiting
local resets = 0

function faults.clear()
  waiting = {}
end

-- What waits for its delay is given up, too: it belongs to what was before.
function faults.reset()
  resets = resets + 1
  faults.clear()
end

faults.reset()

local function is_headers(value)
  for name, text in pairs(value) do
    local kind = type(text)
    if type(name) ~= "string" then return false end
    if kind ~= "string" and kind ~= "number" then return false end
  end
  return true
end

local function is_match(value)
  for name, text in pairs(value) do
    if name ~= "method" and name ~= "path" then return false end
    if type(text) ~= "string" then return false end
  end
  return true
end

local function is_integer(value, minimum, maximum)
  return value == math.floor(value) and value >= minimum and value <= maximum
end

-- field -> the Lua types it may have, what else must hold, and both in words.
local FIELDS = {
  after = { "boolean", nil, "true or false" },
  body = { "string table", nil, "text, an object or a list" },
  close = { "boolean", nil, "true or false" },
  delay = { "number", function(v) return v >= 0 end, "seconds from 0" },
  headers = { "table", is_headers, "an object of texts" },
  match = { "table", is_match, "an object with method and path" },
  problem = { "string", problems.exists, "the name of a known problem" },
  status = { "number", function(v) return is_integer(v, 200, 599) end,
    "an integer from 200 to 599" },
  times = { "number", function(v) return is_integer(v, 1, 2 ^ 31) end,
    "an integer from 1" },
  truncate = { "boolean", nil, "true or false" },
}

local function mistake(fault)
  if type(fault) ~= "table" then return "a fault must be an object" end
  for name, value in pairs(fault) do
    local field = FIELDS[name]
    if not field then
      return "a fault has no field '" .. tostring(name) .. "'"
    end
    local types, holds, words = field[1], field[2], field[3]
    local fits = types:find(type(value), 1, true)
    if not fits or (holds and not holds(value)) then
      return name .. " must be " .. words
    end
  end
end

-- Appends the faults of a list, or none and returns the reason.
function faults.order(list)
  for i, fault in ipairs(list) do
    local reason = mistake(fault)
    if reason then return ("fault %d: %s"):format(i, reason) end
  end
  for _, fault in ipairs(list) do
    fault.left = fault.times or 1
    waiting[#waiting + 1] = fault
  end
end

-- How many answers are still to be given.
function faults.count()
  local count = 0
  for _, fault in ipairs(waiting) do count = count + fault.left end
  return count
end

-- A path matches as it is, or by its beginning when it ends in "*".
local function matches(match, request)
  if not match then return true end
  if match.method and match.method ~= request.method then return false end
  local path = match.path
  if not path then return true end
  if path:sub(-1) ~= "*" then return path == request.path end
  return request.path:sub(1, #path - 1) == path:sub(1, -2)
end

-- The first waiting fault that this request meets, or nil.
function faults.take(request)
  for i, fault in ipairs(waiting) do
    if matches(fault.match, request) then
      fault.left = fault.left - 1
      if fault.left == 0 then table.remove(waiting, i) end
      return fault
    end
  end
end

-- Whether the fault stands in for the service's own answer. One with only a
-- delay, headers or truncate does not: that answer comes late, with more
-- headers or not whole.
function faults.replaces(fault)
  return fault.status ~= nil or fault.problem ~= nil or fault.body ~= nil
    or fault.close == true
end

-- -> whether the request still counts: there was no reset meanwhile.
function faults.pause(fault)
  local before = resets
  if fault.delay then ngx.sleep(fault.delay) end
  return resets == before
end

-- -> status, body and headers of a fault that replaces the answer; nothing
-- when the connection is to be closed without one.
function faults.answer(fault)
  if fault.close then return end
  local status, body = fault.status or 200, fault.body
  if fault.problem then
    local usual, problem = problems.answer(fault.problem)
    status = fault.status or usual
    problem.status = status
    body = body or problem
  end
  return status, body, fault.headers
end

return faults
