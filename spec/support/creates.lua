-- Creates tokens on connections that die after the server has read the
-- request: where libcurl sends a request again without a word. As a script:
--
--   lua creates.lua [RUNS]     10,000 if none; ends with 1 unless all is well

local core = require "apivideo.core"
local faults = require "spec.support.faults"

-- Reads, so that there is a connection to be used again, and creates on it.
local function create_on_dying_connection(client, run)
  client:list()
  local ok, err = pcall(client.create_token, client, { ttl = run })
  assert(not ok, "a create without an answer succeeded")
  assert(err.kind == "connection" and err.ambiguous, err.message)
  assert(err.attempts == 1, err.message)
end

-- How often each body of a POST arrived, and how many did.
local function count_creates(requests)
  local times, creates = {}, 0
  for _, request in ipairs(requests) do
    if request.method == "POST" then
      times[request.body] = (times[request.body] or 0) + 1
      creates = creates + 1
    end
  end
  return times, creates
end

-- → how many creates arrived, and how many of them more than once.
local function run(runs)
  local place = faults.open {
    script = { false, { { "close" } }, false, { { "reset" } } }, cycle = true,
    healthy = faults.OPERATIONS.list.healthy,
  }
  local client = core.new { base_url = place.url, api_key = "fault_key" }
  for i = 1, runs do create_on_dying_connection(client, i) end
  client:close()
  local times, creates = count_creates(place:log().requests)
  place:close()
  local duplicates = 0
  for _, count in pairs(times) do
    if count > 1 then duplicates = duplicates + 1 end
  end
  return creates, duplicates
end

if ... == "spec.support.creates" then return run end

local runs = tonumber((...)) or 10000
local creates, duplicates = run(runs)
print(("%d creates on connections that died: %d arrived, %d twice"):format(
  runs, creates, duplicates))
os.exit(creates == runs and duplicates == 0 and 0 or 1)
