--- An upload whose pieces come one by one, such as those of a recording.

local core = require "apivideo.core"
local misuse = require "apivideo.util.misuse"
local Pieces = require "apivideo.videos.stream_parts"
local Task = require "apivideo.sched.task"
local Transfer = require "apivideo.videos.transfer"

---@class apivideo.UploadSession
--- Those from the start on that have arrived, and need not be given any more.
---@field uploaded_bytes integer
---@field package transfer apivideo.Transfer
---@field package state "open"|"busy"|"failed"|"ended"
---@field package runner thread? that is busy with it, and that errors end
local Session = {}
Session.__index = Session

local session = {}

--- The public way is `client.videos:progressive_upload`.
---@return apivideo.UploadSession
function session.new(client, token, options)
  local parts = Pieces.new(options.chunk_size)
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
    state = "open",
    uploaded_bytes = parts:arrived(),
    transfer = Transfer.new {
      client = client, token = token, parts = parts, options = options,
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
  return self.state == "busy"
    and not (runner and coroutine.status(runner) == "dead")
end

local function check(self, method, bytes)
  misuse.check_receiver(self, Session, method, "session:" .. method .. "(…)")
  if type(bytes) ~= "string" then
    misuse.raise(method, 1, "a piece must be a string, got "
      .. core.describe(bytes))
  end
  if self.state == "ended" then
    misuse.rethrow(method .. ": the upload has ended; begin another one")
  elseif is_busy(self) then
    misuse.rethrow(method .. ": a piece is on its way; wait for it")
  elseif self.transfer.spent then
    misuse.rethrow(method .. ": the first part may have arrived, and must not"
      .. " be sent twice; begin another upload")
  end
  self.transfer.client:check(method)
end

-- A call that failed has taken its piece: were it given once more, as whoever
-- repeats a call does, it would be in the video twice.
local function check_piece(self, method, bytes)
  if bytes == "" and method == "upload_last_part" then return end
  if self.transfer.parts.ended then
    misuse.rethrow(method .. ": the last piece was given; upload_last_part()"
      .. " sends once more what did not arrive")
  elseif self.state == "failed" and bytes ~= "" then
    misuse.rethrow(method .. ": the piece of the call that failed was taken;"
      .. ' upload_part("") sends once more what did not arrive')
  end
end

-- Sends what there is.
local function run(self)
  local transfer = self.transfer
  self.state, self.runner = "busy", Task.unprotected()
  local alive, video, response = Task.protect(transfer.run, transfer)
  local failed = not alive or response and not video
  self.state, self.runner = failed and "failed" or "open", nil
  if transfer.parts.bytes == 0 then -- the last piece was none: as before
    self.state, transfer.parts.ended = "open", false
  end
  if not alive then error(video, 0) end
  if response and not video then return transfer.client.fail(nil, response) end
  if video and transfer.parts.ended then self.state = "ended" end
  return video, response
end

--- Takes the next piece, of whatever size, and sends the parts that are
-- complete with it.
---@param bytes string
---@return apivideo.Video? video as far as it is known; nil: nothing was sent
---@return apivideo.Response? response of the part that was sent last
function Session:upload_part(bytes)
  check(self, "upload_part", bytes)
  check_piece(self, "upload_part", bytes)
  self.transfer.parts:push(bytes)
  return run(self)
end

--- Takes the last piece, which may be empty, and sends what is left.
---@param bytes string? nil: ""
---@return apivideo.Video video
---@return apivideo.Response? response nil: nothing was left to be sent
function Session:upload_last_part(bytes)
  if bytes == nil then bytes = "" end
  check(self, "upload_last_part", bytes)
  check_piece(self, "upload_last_part", bytes)
  self.transfer.parts:push(bytes)
  self.transfer.parts.ended = true
  return run(self)
end

function Session:__tostring()
  return "apivideo.upload: " .. self.state
end

return session
