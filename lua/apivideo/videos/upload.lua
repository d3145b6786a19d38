--- Uploads, from their arguments to the first part.

local core = require "apivideo.core"
local coroutines = require "apivideo.sched.coroutines"
local misuse = require "apivideo.util.misuse"
local part_sizes = require "apivideo.videos.part_sizes"
local read_options = require "apivideo.videos.options"
local session = require "apivideo.videos.session"
local source = require "apivideo.videos.source"
local Transfer = require "apivideo.videos.transfer"

local upload = {}

local OPERATION = "upload_with_upload_token"

-- A part such as there are many: the C module looks at what comes with it.
local ANY_PART = { source = "x", offset = 0, size = 1, file_name = "x" }

-- Looks at arguments as an operation of the C module would.
-- → true; or false and the error object: the client is closed
local function check_call(caller, ...)
  return misuse.attempt(caller.engine.check, caller.engine, ...)
end

-- A source that is open, which the coroutine of an upload holds: it is closed
-- where nginx drops that. No function holds its fields: what those of a
-- dropped coroutine hold is gone.
local Held = {}
Held.__index = Held

function Held:release()
  self.sched:let_go(self)
  self.parts:close()
end

local function run_held(held, transfer)
  held.sched:hold(held)
  local video, response = transfer:run()
  held:release()
  return video, response
end

-- Runs a transfer, and closes its source, whatever ends it.
local function run(transfer)
  local held = setmetatable({
    owner = coroutine.running(), sched = transfer.sched,
    parts = transfer.parts,
  }, Held)
  local alive, video, response = coroutines.protect(run_held, held, transfer)
  if alive then return video, response end
  transfer:stop()
  held:release()
  return error(video, 0)
end

--- Uploads what is there as a whole, or comes from a function.
---@param caller apivideo.Caller
---@param token string
---@param what string|file*|apivideo.Data|fun(): string?, any
---@param options apivideo.UploadOptions?
---@return apivideo.Video video
---@return apivideo.Response? response
function upload.whole(caller, token, what, options)
  local read = read_options({
    method = OPERATION, argument = 3,
    usual = { chunk_size = part_sizes.USUAL_PART, parallel = 1 },
  }, options)
  caller:scheduler():check(OPERATION)
  local fine, err =
    check_call(caller, OPERATION, OPERATION, token, ANY_PART, read.call)
  if not fine then return caller.fail(nil, err) end
  local opened, problem = source.open(what, read, token)
  if not opened then
    return caller.fail(nil, core.failure(OPERATION, "file", problem))
  end
  opened.caller, opened.token, opened.options = caller, token, read
  local video, response = run(Transfer.new(opened))
  if not video then return caller.fail(nil, response) end
  return video, response
end

--- Begins an upload whose pieces come one by one.
---@param caller apivideo.Caller
---@param token string
---@param options apivideo.UploadOptions?
---@return apivideo.UploadSession
function upload.progressive(caller, token, options)
  local read = read_options({
    method = "progressive_upload", argument = 2,
    usual = { chunk_size = part_sizes.SMALLEST_PART, parallel = 1 },
  }, options)
  local fine, err =
    check_call(caller, "progressive_upload", "get_token", token, read.call)
  if not fine then return caller.fail(nil, err) end
  return session.new(caller, token, read)
end

return upload
