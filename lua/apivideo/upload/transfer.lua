--- An upload on its way: parts in flight, what has arrived, and what its
-- caller is told. The first part is alone, since its answer names the video
-- that the others belong to.

local core = require "apivideo.core"
local first = require "apivideo.first"
local Meter = require "apivideo.upload.progress"
local running = require "apivideo.running"
local state = require "apivideo.upload.state"
local Task = require "apivideo.task"

-- The service's name for it, and that of the C module.
local OPERATION = "upload_with_upload_token"

-- Seconds between two reports of progress.
local TICK = 0.1

---@class apivideo.Transfer
---@field client apivideo.Client
---@field token string
---@field parts apivideo.Stored|apivideo.Pieces
---@field file_name string
---@field video_id string? nil: there is no video yet
---@field resumed boolean parts may have arrived that nobody knows of
---@field options table see `upload.options`
---@field package calls table<apivideo.core.Call, table> parts in flight
---@field package again table[] parts that are to be sent once more
---@field package in_flight integer
---@field package begun integer the last part's number
---@field package arrived integer bytes
---@field package meter table
---@field package video table? the fullest answer
---@field package response apivideo.Response? it came with
---@field package deadline number? of all of it
---@field on_arrival fun()? is called when a part has arrived
---@field reached boolean the video has parts of ours, or may have
--- The first part may have made a video that nobody knows: nothing can follow.
---@field package spent boolean
local Transfer = {}
Transfer.__index = Transfer

---@param it table its client, token, parts, file_name, video_id, resumed and
-- options
---@return apivideo.Transfer
function Transfer.new(it)
  local timeout = it.options.call.timeout
  it.calls, it.again, it.in_flight, it.begun = {}, {}, 0, 0
  it.reached, it.spent = it.resumed, false
  it.arrived = it.parts:arrived()
  it.meter = Meter.new(it.arrived)
  it.deadline = timeout and core.now() + timeout
  return setmetatable(it, Transfer)
end

-- --- the end of a part ------------------------------------------------------

local function field_count(value)
  local count = 0
  for _ in pairs(value) do count = count + 1 end
  return count
end

-- Whichever part makes the video whole has the answer that tells all of it;
-- of one that had arrived before there is none.
local function keep_fullest(self, video, response)
  local fuller = not self.video or field_count(video) >= field_count(self.video)
  if fuller then self.video = video end
  if fuller or response.already_sent then self.response = response end
end

-- It is to be sent once more, unless it is the first and may have arrived.
local function give_back(self, part, call, err)
  self.again[#self.again + 1] = part
  if call:may_have_arrived() then part.repeated, self.reached = true, true end
  if not self.video_id and err.ambiguous then self.spent = true end
end

-- Learns how a call ended. → true; or nil and why its part failed
local function settle(self, call)
  local part = self.calls[call]
  local ok, value, response = self.client:finish(call, OPERATION)
  self.calls[call] = nil
  self.in_flight = self.in_flight - 1
  if not ok then
    give_back(self, part, call, value)
    return nil, value
  end
  self.video_id, self.reached = value.video_id, true
  self.arrived = self.arrived + part.size
  self.parts.sent:add(part.number or 1)
  if self.on_arrival then self.on_arrival() end
  keep_fullest(self, value, response)
  return true
end

-- --- the end ----------------------------------------------------------------

-- Nothing of it is in flight from here on.
local function stop(self)
  for call in pairs(self.calls) do call:cancel() end
  for call in pairs(self.calls) do settle(self, call) end
  self.client:wake()
end

-- Gives `nil, err`, where err also tells how to go on.
local function fail(self, err)
  stop(self)
  err.ambiguous = err.ambiguous or self.spent
  err.upload = state.of(self)
  return nil, err
end

-- An error of the caller's own: it goes on to the caller as it is.
local function raise(self, err)
  stop(self)
  error(err, 0)
end

-- --- what the caller is told ------------------------------------------------

local function call_back(self, name, value)
  local callback = self.options[name]
  if not callback then return end
  local ok, err = Task.protect(callback, value)
  if not ok then raise(self, err) end
end

local function report(self)
  if not self.options.on_progress then return end
  local bytes = self.arrived
  for call in pairs(self.calls) do bytes = bytes + call:progress() end
  if not self.meter:reach(bytes) then return end
  call_back(self, "on_progress", {
    uploaded_bytes = self.meter.bytes,
    total_bytes = self.parts.size,
    part = self.begun,
    parts = self.parts.count,
    bytes_per_second = self.meter.rate,
  })
end

-- --- parts ------------------------------------------------------------------

-- The options of a part's call, which has what is left of the time; nil: none
-- is.
local function call_options(self)
  local given = self.options.call
  if not self.deadline then return given end
  local left = self.deadline - core.now()
  if left <= 0 then return nil end
  local options = { timeout = left }
  for name, value in pairs(given) do options[name] = options[name] or value end
  return options
end

local function begin(self, part)
  local options = call_options(self)
  if not options then
    return nil, core.failure(OPERATION, "timeout",
      "the upload was not done before its deadline")
  end
  part.file_name = self.file_name
  part.video_id = self.video_id
  part.repeated = part.repeated or self.resumed
  local started, call = pcall(self.client.core.start, self.client.core,
    OPERATION, self.token, part, options)
  if not started then
    if core.is_error(call) then return nil, call end
    error(call, 0)
  end
  self.calls[call] = part
  self.in_flight = self.in_flight + 1
  self.begun = math.max(self.begun, part.number or 1)
  return call
end

-- Begins as many parts as may be in flight. → true; or nil and why not
local function begin_more(self)
  while self.in_flight < (self.video_id and self.options.parallel or 1) do
    local part = table.remove(self.again) or self.parts:take()
    local problem, cause = self.parts:problem()
    if problem then
      self.again[#self.again + 1] = part
      -- The words may be a reader's, which may know secrets.
      local err = core.failure(
        OPERATION, "file", self.client.core:redact(problem))
      err.cause = cause
      return nil, err
    end
    if not part then return true end
    local call, err = begin(self, part)
    if not call then
      self.again[#self.again + 1] = part
      return nil, err
    end
  end
  return true
end

-- A part has ended. → true; or nil and why it failed
local function finish(self, call)
  local ok, err = settle(self, call)
  if not ok then return nil, err end
  report(self)
  if self.options.on_state then call_back(self, "on_state", state.of(self)) end
  return true
end

-- → true; or nil and the first failure
local function finish_those_done(self)
  local failure
  for call in pairs(self.calls) do
    if call:done() then
      local ok, err = finish(self, call)
      if not ok then failure = failure or err end
    end
  end
  return failure == nil or nil, failure
end

-- --- its way ----------------------------------------------------------------

local function was_cancelled()
  local task = running.task()
  return task ~= nil and task.state == "cancelled"
end

local function wait(self)
  first(self.client, self.calls, self.options.on_progress and TICK)
  if not was_cancelled() then return true end
  return nil, core.failure(OPERATION, "cancelled", "the task was cancelled")
end

--- Sends what there is. → the video as far as it is known, and its response; or
-- nil and the error object
function Transfer:run()
  local ok, err = begin_more(self)
  while ok and self.in_flight > 0 do
    ok, err = wait(self)
    if ok then ok, err = finish_those_done(self) end
    if ok then report(self) end
    if ok then ok, err = begin_more(self) end
  end
  if not ok then return fail(self, err) end
  if self.video_id and not self.video then
    self.video = { video_id = self.video_id } -- all of it had arrived before
  end
  return self.video, self.response
end

return Transfer
