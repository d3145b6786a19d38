--- Words for whoever does not know that the environment names a proxy.

local base_url_of = require "apivideo.util.base_url"
local proxy = require "apivideo.util.proxy"

--- Adds them to the error of a call that may have failed on the way.
---@param err apivideo.Error
---@param way { base_url: string?, environment: string? }
return function(err, way)
  local url = way.base_url or base_url_of(way.environment)
  local words = proxy.explain(err, proxy.of(url))
  if words then err.message = err.message .. "; " .. words end
end
