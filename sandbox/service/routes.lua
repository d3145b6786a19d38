-- What the service answers to. A call that is `open` needs no credentials of
-- the account; `class` is the class of its rate limit where the method does
-- not tell (GET is a read, everything else a write). A path that is
-- `cross_origin` serves pages of other origins, too.
local auth_calls = require "service.auth_calls"
local token_calls = require "service.token_calls"
local video_calls = require "service.video_calls"

return {
  exact = {
    ["/auth/api-key"] = {
      name = "/auth/api-key",
      POST = { run = auth_calls.api_key, open = true },
    },
    ["/auth/refresh"] = {
      name = "/auth/refresh",
      POST = { run = auth_calls.refresh, open = true },
    },
    ["/upload-tokens"] = {
      name = "/upload-tokens",
      GET = { run = token_calls.list },
      POST = { run = token_calls.create },
    },
    ["/upload"] = {
      name = "/upload",
      class = "uploads",
      cross_origin = true,
      POST = { run = video_calls.upload, open = true },
    },
    ["/videos"] = {
      name = "/videos",
      POST = { run = video_calls.create },
    },
  },
  patterns = {
    {
      name = "/upload-tokens/{uploadToken}",
      pattern = "^/upload%-tokens/([^/]+)$",
      GET = { run = token_calls.get },
      DELETE = { run = token_calls.delete },
    },
  },
}
