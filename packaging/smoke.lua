-- That the module works where it was installed: it loads, and a service that
-- is not there is reported as one.

local apivideo = require "apivideo"

local client = apivideo.new {
  api_key = "key", base_url = "http://127.0.0.1:1", retries = 0,
}
local ok, err = pcall(client.upload_tokens.list, client.upload_tokens)
assert(not ok and err.kind == "connection", tostring(err))
print(apivideo._VERSION, tostring(err))
