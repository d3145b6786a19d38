-- usage: walk.lua BASE_URL TOKENS WALKS: over all tokens, so many times

local apivideo = require "apivideo"

local client = apivideo.new { base_url = arg[1], api_key = "bench_key" }
for _ = 1, tonumber(arg[3]) do
  local count = 0
  for token in client.upload_tokens:iterate() do
    if token.token then count = count + 1 end
  end
  assert(count == tonumber(arg[2]))
end
client:close()
