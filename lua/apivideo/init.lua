--- api.video upload tokens from Lua: create, read, list, walk and delete them.

local Client = require "apivideo.client"
local core = require "apivideo.core"
local epoch = require "apivideo.epoch"
local misuse = require "apivideo.misuse"

---@class apivideo
local apivideo = {
  _VERSION = core._VERSION,
  epoch = epoch,
}

local function raise(_, err)
  error(err, 0)
end

--- Makes a client; no I/O happens.
---@param options apivideo.Options?
---@return apivideo.Client
function apivideo.new(options)
  if options == apivideo then
    misuse.raise("new", 1, "call it with a dot: apivideo.new(options)")
  end
  return Client.new(options, raise)
end

--- Whether a value is the error object of a call that failed.
---@param value any
---@return boolean
function apivideo.is_error(value)
  return core.is_error(value)
end

return apivideo
