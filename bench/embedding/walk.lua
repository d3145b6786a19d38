-- A walk over 10,000 tokens in pages of 100, each answered 50 ms late: the
-- seconds that it takes and the memory that it adds, for several `prefetch`.
--
-- usage, inside the sandbox: walk.lua [ROUNDS]

local core = require "apivideo.core"
local service = require "spec.support.service"

local ROUNDS = tonumber(arg[1]) or 3
local TOKENS = 10000
local LATE = 0.05

service.reset()
service.make_tokens(TOKENS, 86400)
service.faults { { delay = LATE, times = 1000000 } }

-- Seconds, and the most memory in use on the way, in KiB more than before.
local function walk(prefetch)
  local client = service.client()
  for _ = 1, 2 do collectgarbage() end
  local before, peak = collectgarbage "count", 0
  local from, count = core.now(), 0
  for _ in client.upload_tokens:iterate { prefetch = prefetch } do
    count = count + 1
    if count % 100 == 0 then
      peak = math.max(peak, collectgarbage "count" - before)
    end
  end
  assert(count == TOKENS)
  client:close()
  return core.now() - from, peak
end

local function median(list)
  table.sort(list)
  return list[math.floor(#list / 2) + 1]
end

local none
for _, prefetch in ipairs { 0, 1, 8, 16 } do
  local seconds, memory = {}, {}
  for round = 1, ROUNDS do
    seconds[round], memory[round] = walk(prefetch)
  end
  local middle = median(seconds)
  none = none or middle
  print(("prefetch %2d: %.2f s, %.1f times as fast, at most %.0f KiB more")
    :format(prefetch, middle, none / middle, median(memory)))
end
