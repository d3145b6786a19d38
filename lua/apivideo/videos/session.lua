--- An upload whose pieces come one by one, such as those of a recording.

local core = require "apivideo.core"
local coroutines = require "apivideo.sched.coroutines"
local misuse = require "apivideo.util.misuse"
local resume_state = require "apivideo.videos.resume_state"
local StreamParts = require "apivideo.videos.stream_parts"
local Transfer = require "apivideo.videos.transfer"

---@class apivideo.UploadSession
--- Those from the start on that have arrived, and need not be given any more.
---@field uploaded_bytes integer
---@field package transfer apivideo.Transfer
---@field package phase "open"|"busy"|"failed"|"ended"|"cancelled"
---@field package runner thread? that is busy with it, and that errors end
local Session = {}
Session.__index = Session

local session = {}

--- The public way is `client.videos:progressive_upload`.
---@return apivideo.UploadSession
function session.new(caller, token, options)
  local parts = StreamParts.new(options.chunk_size)
  local read = options.resume
  if read and read.source ~= "pieces" then
    misuse.raise("progressive_upload", 2, ("resume is of an upload of a %s: go"
      .. " on with upload_with_upload_token"):format(
        read.source == "file" and "file" or "string"))
  end
  if read then
    parts:resume(read)
    parts.passing = 0 -- whoever goes on begins behind them
    parts.bytes = parts:arrived()
  end
  local self = setmetatable({
    phase = "open",
    uploaded_bytes = parts:arrived(),
    transfer = Transfer.new {
      caller = caller, token = token, parts = parts, options = options,
      file_name = options.file_name or read and read.file_name or "file",
      video_id = options.video_id or read and read.video_id,
      resumed = read ~= nil and read.reached,
    },
  }, Session)
  function self.transfer.on_arrival()
    self.uploaded_bytes = parts:arrived()
  end
  return self
end

-- Lua 5.1 cannot catch an error in a task: it has ended who was busy.
local function is_busy(self)
  local runner = self.runner
  return self.phase == "busy"
    and not (runner and coroutine.status(runner) == "dead")
end

local function check_receiver(self, method)
  misuse.check_receiver(self, Session, method, "session:" .. method .. "(…)")
end

local function check(self, method, bytes)
  check_receiver(self, method)
  if type(bytes) ~= "string" then
    misuse.raise(method, 1, "a piece must be a string, got "
      .. core.describe(bytes))
  end
  if self.phase == "ended" then
    misuse.rethrow(method .. ": the upload has ended; begin another one")
  elseif is_busy(self) then
    misuse.rethrow(method .. ": a piece is on its way; wait for it")
  elseif self.transfer.spent then
    misuse.rethrow(method .. ": the first part may have arrived, and must not"
      .. " be sent twice; begin another upload")
  end
  self.transfer.sched:check(method)
end

-- A call that failed has taken its piece: were it given once more, as whoever
-- repeats a call does, it would be in the video twice.
local function check_piece(self, method, bytes)
  if bytes == "" and method == "upload_last_part" then return end
  if self.transfer.parts.ended then
    misuse.rethrow(method .. ": the last piece was given; upload_last_part()"
      .. " sends once more what did not arrive")
  elseif self.phase == "failed" and bytes ~= "" then
    misuse.rethrow(method .. ": the piece of the call that failed was taken;"
      .. ' upload_part("") sends once more what did not arrive')
  end
end

-- What the transfer comes to, which is busy meanwhile.
local function transfer_parts(self)
  local transfer = self.transfer
  self.phase, self.runner = "busy", coroutines.unprotected()
  local alive, video, response = coroutines.protect(transfer.run, transfer)
  if not alive then transfer:stop() end
  local failed = not alive or response and not video
  if self.phase == "busy" then self.phase = failed and "failed" or "open" end
  self.runner = nil
  if transfer.parts.bytes == 0 then -- the last piece was none: as before
    self.phase, transfer.parts.ended = "open", false
  end
  if not alive then error(video, 0) end
  if failed then return nil, response end
  if video and transfer.parts.ended then self.phase = "ended" end
  return video, response or true
end

-- Takes a piece and sends what there is.
-- → true, the video and its response; or what a failure gives
local function take(self, method, bytes)
  local caller = self.transfer.caller
  local over = self.transfer:over()
  if over then
    over.upload = resume_state.of(self.transfer)
    return caller.fail(nil, over)
  end
  local is_last = method == "upload_last_part"
  local arrived = self.transfer.arrived
  self.transfer.parts:push(bytes)
  self.transfer.parts.ended = is_last or self.transfer.parts.ended
  local video, response = transfer_parts(self)
  if not response or not video and response ~= true then
    return caller.fail(nil, response)
  end
  if not is_last and self.transfer.arrived == arrived then return true end
  return true, video, response ~= true and response or nil
end

--- Takes the next piece, of whatever size, and sends the parts that are
-- complete with it.
---@param bytes string
---@return true
---@return apivideo.Video? video as far as it is known; nil: nothing was sent
---@return apivideo.Response? response of the part that was sent last
function Session:upload_part(bytes)
  check(self, "upload_part", bytes)
  check_piece(self, "upload_part", bytes)
  return take(self, "upload_part", bytes)
end

-- Without the `true` of a part.
local function video_of(ok, video, response)
  if not ok then return ok, video end
  return video, response
end

--- Takes the last piece, which may be empty, and sends what is left.
---@param bytes string? nil: ""
---@return apivideo.Video video
---@return apivideo.Response? response nil: nothing was left to be sent
function Session:upload_last_part(bytes)
  if bytes == nil then bytes = "" end
  check(self, "upload_last_part", bytes)
  check_piece(self, "upload_last_part", bytes)
  return video_of(take(self, "upload_last_part", bytes))
end

--- What it takes to go on with the upload: what `on_state` gets.
---@return apivideo.UploadState? nil: there is no video yet
function Session:state()
  check_receiver(self, "state")
  return resume_state.of(self.transfer)
end

--- Ends the upload: nothing of it is in flight any more. A piece that is on its
-- way fails as `cancelled`, and so does each later one; `state` says how to go
-- on.
function Session:cancel()
  check_receiver(self, "cancel")
  if self.phase == "ended" or self.phase == "cancelled" then return end
  local was_busy = is_busy(self)
  self.phase = "cancelled"
  self.transfer:cancel()
  if not was_busy then self.transfer:stop() end
end

function Session:__tostring()
  return "apivideo.upload: " .. self.phase
end

return session
