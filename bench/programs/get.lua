-- usage: get.lua BASE_URL CALLS: one call after the other

local apivideo = require "apivideo"

local client = apivideo.new { base_url = arg[1], api_key = "bench_key" }
local tokens = client.upload_tokens
for _ = 1, tonumber(arg[2]) do
  tokens:get_token "to1tcmSFHeYY5KzyhOqVKMKb"
end
client:close()
