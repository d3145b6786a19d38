--- api.video upload tokens from Lua: create, read, list, walk and delete them.

local Client = require "apivideo.client"
local core = require "apivideo.core"
local lazy = require "apivideo.util.lazy"
local misuse = require "apivideo.util.misuse"

local epoch = lazy "apivideo.util.date"

---@class apivideo
local apivideo = {
  _VERSION = core._VERSION,
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

--- Unix seconds of a date such as `2020-12-02T10:26:46+00:00`, with any
-- offset from UTC; fractions of a second are dropped.
---@param text string
---@return integer seconds
function apivideo.epoch(text)
  return epoch()(text)
end

--- Whether a value is the error object of a call that failed.
---@param value any
---@return boolean
function apivideo.is_error(value)
  return core.is_error(value)
end

return apivideo
