--- Words for whoever forgot the key. The service only misses a header.

local host = require "apivideo.util.host"

local ADVICE = "; no api_key was given, nor is APIVIDEO_API_KEY set"

if type(host.ngx) == "table" then
  ADVICE = ADVICE
    .. ", which nginx hides unless nginx.conf says: env APIVIDEO_API_KEY;"
end

--- Adds them to the error of a call that had no key.
---@param err apivideo.Error
return function(err)
  local needs_key = err.operation ~= "upload_with_upload_token"
  if needs_key and err.kind == "unauthorized" then
    err.message = err.message .. ADVICE
  end
end
