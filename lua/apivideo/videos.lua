--- Uploads with an upload token: no API key is needed, nor sent.
-- https://docs.api.video/reference/api/Videos

local core = require "apivideo.core"
local misuse = require "apivideo.misuse"
local plan = require "apivideo.upload.plan"
local read_options = require "apivideo.upload.options"
local session = require "apivideo.upload.session"
local source = require "apivideo.upload.source"
local Task = require "apivideo.task"
local Transfer = require "apivideo.upload.transfer"

local OPERATION = "upload_with_upload_token"

---@class apivideo.Videos
---@field package client apivideo.Client
local Videos = {}
Videos.__index = Videos

local function check(self, method)
  misuse.check_receiver(self, Videos, method,
    "client.videos:" .. method .. "(…)")
end

---@param client apivideo.Client
---@return apivideo.Videos
---@package
function Videos.new(client)
  return setmetatable({ client = client }, Videos)
end

-- A part such as there are many: the C module looks at what comes with it.
local ANY_PART = { source = "x", offset = 0, size = 1, file_name = "x" }

-- Looks at arguments as an operation of the C module would.
-- → true; or nil and the error object; misuse raises
local function check_call(client, ...)
  local fine, err = pcall(client.core.check, client.core, ...)
  if fine then return true end
  if core.is_error(err) then return nil, err end -- closed
  return misuse.rethrow(err)
end

--- Uploads a file: one file is one video. It is named by its path, or is open,
--- and then sent from its start; or it is a string in memory, or comes from a
--- function that gives the next piece, and nil at the end.
---@param token string the upload token
---@param what string|file*|apivideo.Data|fun(): string?
---@param options apivideo.UploadOptions?
---@return apivideo.Video video
---@return apivideo.Response? response nil: nothing was left to be sent
function Videos:upload_with_upload_token(token, what, options)
  check(self, OPERATION)
  local client = self.client
  local read = read_options({
    method = OPERATION, argument = 3,
    usual = { chunk_size = plan.USUAL_PART, parallel = 1 },
  }, options)
  local fine, err =
    check_call(client, OPERATION, OPERATION, token, ANY_PART, read.call)
  if not fine then return client.fail(nil, err) end
  client:check(OPERATION)
  local opened, problem = source.open(what, read, token)
  if not opened then
    return client.fail(nil, core.failure(OPERATION, "file", problem))
  end
  opened.client, opened.token, opened.options = client, token, read
  local transfer = Transfer.new(opened)
  local alive, video, response = Task.protect(transfer.run, transfer)
  opened.parts:close()
  if not alive then error(video, 0) end
  if not video then return client.fail(nil, response) end
  return video, response
end

--- Begins an upload whose pieces come one by one.
---@param token string the upload token
---@param options apivideo.UploadOptions?
---@return apivideo.UploadSession
function Videos:progressive_upload(token, options)
  check(self, "progressive_upload")
  local client = self.client
  local read = read_options({
    method = "progressive_upload", argument = 2,
    usual = { chunk_size = plan.SMALLEST_PART, parallel = 1 },
  }, options)
  local fine, err =
    check_call(client, "progressive_upload", "get_token", token, read.call)
  if not fine then return client.fail(nil, err) end
  return session.new(client, token, read)
end

return Videos
