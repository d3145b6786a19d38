-- usage: memory.lua BASE_URL AT_ONCE CLIENTS
--
-- Prints figures of memory, all of the process in KiB: with the module loaded
-- and one call made; the most while so many calls are in flight; and what
-- each of so many further clients adds, before and after its first call.

local apivideo = require "apivideo"

local ID = "to1tcmSFHeYY5KzyhOqVKMKb"
local url, at_once, count = arg[1], tonumber(arg[2]), tonumber(arg[3])

local function memory(name)
  local file = assert(io.open "/proc/self/status")
  local text = file:read "*a"
  file:close()
  return tonumber(text:match("\n" .. name .. ":%s*(%d+)"))
end

local function settle()
  for _ = 1, 2 do collectgarbage() end
  return memory "VmRSS"
end

local function new_client(most)
  return apivideo.new {
    base_url = url, api_key = "bench_key", max_connections = most,
  }
end

local function clients()
  local list, before = {}, settle()
  for i = 1, count do list[i] = new_client(16) end
  local idle = settle()
  for _, client in ipairs(list) do client.upload_tokens:get_token(ID) end
  print("client", (idle - before) / count)
  print("used", (settle() - before) / count)
  for _, client in ipairs(list) do client:close() end
end

local function calls()
  local client = new_client(at_once)
  local tokens, ids = client.upload_tokens, {}
  -- Before the service has answered some calls, only some may be in flight.
  for _ = 1, 10 do tokens:get_token(ID) end
  for i = 1, at_once do ids[i] = ID end
  local before = settle()
  print("before", before)
  client:parallel(ids, function()
    return tokens:get_token(ID)
  end, { concurrency = at_once })
  print("most", memory "VmHWM")
  client:close()
end

if count > 0 then clients() end
if at_once > 0 then calls() end
