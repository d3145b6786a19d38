-- usage: socket.lua URL CALLS: one call after the other, with luasocket

local http = require "socket.http"
local ltn12 = require "ltn12"

local url = arg[1]
local headers = {}
for line in os.getenv "BENCH_HEADERS":gmatch "[^\n]+" do
  local name, value = line:match "^(.-): (.*)$"
  headers[name] = value
end
for _ = 1, tonumber(arg[2]) do
  local pieces = {}
  local _, status = http.request {
    url = url, headers = headers, sink = ltn12.sink.table(pieces),
  }
  assert(status == 200)
end
