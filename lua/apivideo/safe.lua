--- `apivideo` for those who would rather test than catch: a call that failed
-- returns nil and the error object. An iterator gives false and the error
-- object as its last step, since a nil would end the loop unnoticed. Misuse
-- still raises.

local apivideo = require "apivideo"
local Client = require "apivideo.client"
local misuse = require "apivideo.util.misuse"

---@class apivideo.safe : apivideo
local safe = {
  _VERSION = apivideo._VERSION,
  epoch = apivideo.epoch,
  is_error = apivideo.is_error,
}

local function give(instead, err)
  return instead, err
end

--- Makes a client; no I/O happens.
---@param options apivideo.Options?
---@return apivideo.safe.Client
function safe.new(options)
  if options == safe then
    misuse.raise("new", 1, "call it with a dot: apivideo.new(options)")
  end
  return Client.new(options, give)
end

return safe
