--- Uploads with an upload token: no API key is needed, nor sent.
-- https://docs.api.video/reference/api/Videos

local lazy = require "apivideo.util.lazy"
local misuse = require "apivideo.util.misuse"

local upload = lazy "apivideo.videos.upload"

---@class apivideo.Videos
---@field package caller apivideo.Caller
local Videos = {}
Videos.__index = Videos

local function check(self, method)
  misuse.check_receiver(self, Videos, method,
    "client.videos:" .. method .. "(…)")
end

---@param caller apivideo.Caller
---@return apivideo.Videos
---@package
function Videos.new(caller)
  return setmetatable({ caller = caller }, Videos)
end

--- Uploads a file: one file is one video. It is named by its path, or is open,
--- and then sent from its start; or it is a string in memory, or comes from a
--- function that gives the next piece, "" while there is none yet, nil at the
--- end, or nil and why it failed.
---@param token string the upload token
---@param what string|file*|apivideo.Data|fun(): string?, any
---@param options apivideo.UploadOptions?
---@return apivideo.Video video
---@return apivideo.Response? response nil: nothing was left to be sent
function Videos:upload_with_upload_token(token, what, options)
  check(self, "upload_with_upload_token")
  return upload().whole(self.caller, token, what, options)
end

--- Begins an upload whose pieces come one by one.
---@param token string the upload token
---@param options apivideo.UploadOptions?
---@return apivideo.UploadSession
function Videos:progressive_upload(token, options)
  check(self, "progressive_upload")
  return upload().progressive(self.caller, token, options)
end

return Videos
