--- An upload on its way: parts in flight, what has arrived, and what its
-- caller is told. The first part is alone, since its answer names the video
-- that the others belong to.

local call_options = require "apivideo.util.call_options"
local core = require "apivideo.core"
local coroutines = require "apivideo.sched.coroutines"
local current = require "apivideo.sched.current"
local Meter = require "apivideo.videos.progress"
local resume_state = require "apivideo.videos.resume_state"
local wait_any = require "apivideo.sched.wait_any"

-- The service's name for it, and that of the C module.
local OPERATION = "upload_with_upload_token"

-- Seconds between two reports of progress.
local TICK = 0.1

-- Seconds until a reader is asked again that had nothing yet.
local STARVED = 0.01

---@class apivideo.Transfer
---@field caller apivideo.Caller
---@field token string
---@field parts apivideo.FileParts|apivideo.StreamParts
---@field file_name string
---@field video_id string? nil: there is no video yet
---@field resumed boolean parts may have arrived that nobody knows of
---@field options table see `videos.options`
---@field sched apivideo.Scheduler
---@field package parts_in_flight table<apivideo.core.Call, table>
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
---@field package is_cancelled boolean? by its session
--- The first part may have made a video that nobody knows: nothing can follow.
---@field package spent boolean
local Transfer = {}
Transfer.__index = Transfer

---@param it table its caller, token, parts, file_name, video_id, resumed and
-- options
---@return apivideo.Transfer
function Transfer.new(it)
  local timeout = it.options.call.timeout
  it.parts_in_flight, it.again, it.in_flight, it.begun = {}, {}, 0, 0
  it.reached, it.spent = it.resumed, false
  it.sched = it.caller:scheduler()
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

-- Learns how a call ended. The part is put away before the log is told, so that
-- an error of the log's leaves nothing half done.
-- → true; or nil and why its part failed
local function settle(self, call)
  local part = self.parts_in_flight[call]
  local ok, value, response = self.caller:result(call, OPERATION)
  self.parts_in_flight[call] = nil
  self.in_flight = self.in_flight - 1
  if not ok then
    give_back(self, part, call, value)
  else
    self.video_id, self.reached = value.video_id, true
    self.arrived = self.arrived + part.size
    self.parts.sent:add(part.number or 1)
    if self.options.on_state and self.parts.sum_up then
      self.parts:sum_up(part)
    end
    if self.on_arrival then self.on_arrival() end
    keep_fullest(self, value, response)
  end
  self.caller:tell(call, OPERATION, not ok and value or nil)
  if ok then return true end
  return nil, value
end

-- --- the end ----------------------------------------------------------------

--- Nothing of it is in flight from here on. What is told of that, nobody hears
-- any more.
---@return apivideo.Error? err of the part that was the longest on its way
function Transfer:stop()
  local longest
  for call in pairs(self.parts_in_flight) do call:cancel() end
  local call = next(self.parts_in_flight)
  while call do
    local _, _, err = pcall(settle, self, call)
    if err and not (longest and longest.elapsed >= err.elapsed) then
      longest = err
    end
    if self.parts_in_flight[call] then -- its result could not be read
      give_back(self, self.parts_in_flight[call], call, {})
      self.parts_in_flight[call] = nil
      self.in_flight = self.in_flight - 1
    end
    call = next(self.parts_in_flight)
  end
  self.sched:wake()
  return longest
end

-- A part has what is left of the time; the caller knows of all of it.
local function name_timeout(self, err)
  local timeout = self.options.call.timeout
  if err.kind ~= "timeout" or not timeout or core.now() < self.deadline then
    return
  end
  err.message = err.message:gsub("no answer within [%d.]+ s",
    "the upload was not done within " .. core.describe(timeout) .. " s")
end

--- Ends it, whoever runs it: that fails as cancelled.
function Transfer:cancel()
  self.is_cancelled = true
  for call in pairs(self.parts_in_flight) do call:cancel() end
end

-- Gives `nil, err`, where err also tells how to go on.
local function fail(self, err)
  local stopped = self:stop()
  if stopped and err.attempts == 0 then -- it is of no part
    err.attempts, err.elapsed = stopped.attempts, stopped.elapsed
  end
  name_timeout(self, err)
  err.ambiguous = err.ambiguous or self.spent
  err.upload = resume_state.of(self)
  return nil, err
end

-- An error of the caller's own: it goes on to the caller as it is.
local function raise(self, err)
  self:stop()
  error(err, 0)
end

-- --- what the caller is told ------------------------------------------------

local function call_back(self, name, value)
  local callback = self.options[name]
  if not callback then return end
  local ok, err = coroutines.protect(callback, value)
  if not ok then raise(self, err) end
end

local function report(self)
  if not self.options.on_progress then return end
  local bytes = self.arrived
  for call in pairs(self.parts_in_flight) do bytes = bytes + call:progress() end
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
local function options_for_part(self)
  local given = self.options.call
  if not self.deadline then return given end
  local left = self.deadline - core.now()
  if left <= 0 then return nil end
  local options = call_options.copy(given)
  options.timeout = left
  return options
end

local function too_late()
  return core.failure(OPERATION, "timeout",
    "the upload was not done before its deadline")
end

local function begin(self, part)
  local options = options_for_part(self)
  if not options then return nil, too_late() end
  part.file_name = self.file_name
  part.video_id = self.video_id
  part.repeated = part.repeated or self.resumed
  local started, call = pcall(self.caller.engine.start, self.caller.engine,
    OPERATION, self.token, part, options)
  if not started then
    if core.is_error(call) then return nil, call end
    error(call, 0)
  end
  self.parts_in_flight[call] = part
  self.in_flight = self.in_flight + 1
  self.begun = math.max(self.begun, part.number or 1)
  return call
end

--- Why nothing can be sent any more, or nil.
---@return apivideo.Error?
function Transfer:over()
  if self.is_cancelled then
    return core.failure(OPERATION, "cancelled", "the upload was cancelled")
  end
  if not self.caller.closed then return nil end
  return core.failure(OPERATION, "closed", "the client is closed")
end

-- Why there is no part, or nil.
local function problem_of(self)
  local over = current.see_cancel(OPERATION) or self:over()
  if over then return over end
  local problem, cause = self.parts:problem()
  if not problem then return nil end
  -- The words may be a reader's, which may know secrets.
  local err =
    core.failure(OPERATION, "file", self.caller.engine:redact(problem))
  err.cause = cause
  return err
end

-- Begins as many parts as may be in flight. → true; or nil and why not
local function begin_more(self)
  while self.in_flight < (self.video_id and self.options.parallel or 1) do
    local part = table.remove(self.again) or self.parts:take()
    local err = problem_of(self)
    if not part and not err then return true end
    local call
    if part and not err then call, err = begin(self, part) end
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
  if self.options.on_state then
    call_back(self, "on_state", resume_state.of(self))
  end
  return true
end

-- → true; or nil and the first failure
local function finish_those_done(self)
  local failure
  for call in pairs(self.parts_in_flight) do
    if call:done() then
      local ok, err = finish(self, call)
      if not ok then failure = failure or err end
    end
  end
  return failure == nil or nil, failure
end

-- --- its way ----------------------------------------------------------------

-- Whether the reader is to be asked again, although no part is in flight.
local function is_starved(self)
  return self.parts.starved == true
end

-- Waits until there is something to do. → true; or nil and why it is over
local function wait(self)
  local seconds = is_starved(self) and STARVED
    or self.options.on_progress and TICK or nil
  wait_any(self.sched, self.parts_in_flight, seconds)
  local err = current.see_cancel(OPERATION)
  if err then return nil, err end
  if self.deadline and self.in_flight == 0 and core.now() >= self.deadline then
    return nil, too_late()
  end
  return true
end

--- Sends what there is. → the video as far as it is known, and its response; or
-- nil and the error object
function Transfer:run()
  local ok, err = begin_more(self)
  while ok and (self.in_flight > 0 or is_starved(self)) do
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
