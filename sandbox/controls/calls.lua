-- The controls of the sandbox, one function each: request -> status, body.
local auth = require "service.auth"
local faults = require "controls.faults"
local journal = require "controls.journal"
local json = require "server.json"
local limits = require "service.limits"
local random_faults = require "controls.random_faults"
local settings = require "server.settings"
local tokens = require "service.tokens"
local videos = require "service.videos"

local MAXIMUM_BULK = 1000000

local calls = {}

local function refuse(reason)
  return 400, { error = reason }
end

function calls.reset()
  settings.reset()
  faults.reset()
  random_faults.restart()
  journal.reset()
  limits.reset()
  auth.reset()
  tokens.reset()
  videos.reset()
  return 204
end

-- With ?clear=1 the log is emptied once it is read.
function calls.log(request)
  local list = journal.list()
  if request:query("clear") == "1" then journal.clear() end
  return 200, list
end

function calls.clear_log()
  journal.clear()
  return 204
end

function calls.stats()
  return 200, journal.stats()
end

function calls.settings()
  return 200, settings.current
end

function calls.change_settings(request)
  local changes, reason = request:object()
  reason = reason or settings.change(changes)
  if reason then return refuse(reason) end
  if changes.fault_seed then random_faults.restart() end
  return 200, settings.current
end

-- A list of faults, or a single one.
function calls.order_faults(request)
  local list, reason = json.decode(request:text())
  if type(list) ~= "table" then
    return refuse(reason or "a list of faults is expected")
  end
  local single = next(list) ~= nil and #list == 0
  if single then list = { list } end
  reason = faults.order(list)
  if reason then return refuse(reason) end
  return 200, { waiting = faults.count() }
end

function calls.count_faults()
  return 200, { waiting = faults.count() }
end

function calls.clear_faults()
  faults.clear()
  return 204
end

local function is_integer(value, minimum, maximum)
  return type(value) == "number" and value == math.floor(value)
    and value >= minimum and value <= maximum
end

local function bulk_mistake(order)
  if not is_integer(order.count, 1, MAXIMUM_BULK) then
    return "count must be an integer from 1 to " .. MAXIMUM_BULK
  elseif not is_integer(order.ttl, 0, 2147483647) then
    return "ttl must be an integer from 0 to 2147483647"
  elseif not is_integer(order.spacing, 0, 86400) then
    return "spacing must be an integer from 0 to 86400"
  end
end

-- Many tokens at once, `spacing` seconds apart, the last one created now.
function calls.create_tokens(request)
  local order, reason = request:object()
  if not order then return refuse(reason) end
  order.ttl, order.spacing = order.ttl or 0, order.spacing or 0
  reason = bulk_mistake(order)
  if reason then return refuse(reason) end
  local now = ngx.time() + math.floor(settings.current.clock_offset)
  for i = order.count - 1, 0, -1 do
    tokens.create(order.ttl, now - i * order.spacing)
  end
  return 200, { created = order.count, active = tokens.count() }
end

-- What was put together, in the order of the file.
local function description(video)
  local parts = json.array({})
  for place, piece in videos.each_piece(video) do
    local part = { number = #parts + 1, size = piece.size }
    if video.form == "part" then part.number = place end
    if video.form == "bytes" then part.from = place end
    parts[#parts + 1] = part
  end
  return {
    videoId = video.id, title = video.title, file_name = video.file_name,
    form = video.form, size = video.size, parts = parts,
    complete = video.complete,
  }
end

function calls.videos()
  local list = json.array({})
  for i, video in ipairs(videos.list()) do list[i] = description(video) end
  return 200, list
end

-- As in the list, with the digest of a complete one.
function calls.video(_, id)
  local video = videos.find(id)
  if not video then return 404, { error = "there is no such video" } end
  local answer = description(video)
  if video.complete then answer.sha256 = videos.digest(video) end
  return 200, answer
end

return calls
