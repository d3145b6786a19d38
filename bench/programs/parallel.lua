-- usage: parallel.lua BASE_URL CALLS AT_ONCE: so many calls in flight

local apivideo = require "apivideo"

local at_once = tonumber(arg[3])
local client = apivideo.new {
  base_url = arg[1], api_key = "bench_key", max_connections = at_once,
}
local tokens = client.upload_tokens
local ids = {}
for i = 1, tonumber(arg[2]) do ids[i] = "to1tcmSFHeYY5KzyhOqVKMKb" end
client:parallel(ids, function(id)
  return tokens:get_token(id).ttl
end, { concurrency = at_once })
client:close()
