-- usage: tasks.lua BASE_URL CALLS AT_ONCE: a task for each call, begun at once

local apivideo = require "apivideo"

local client = apivideo.new {
  base_url = arg[1], api_key = "bench_key", max_connections = tonumber(arg[3]),
}
local tokens = client.upload_tokens
for _ = 1, tonumber(arg[2]) do
  client:spawn(function()
    return tokens:get_token("to1tcmSFHeYY5KzyhOqVKMKb", { timeout = 600 }).ttl
  end)
end
client:run()
client:close()
