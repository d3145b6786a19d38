-- The opponents in C, luasocket and curl send what the client sends.

local server = require "bench.server"
local timing = require "bench.timing"

local fairness = {}

-- What the server saw of a command that makes one call.
local function seen(service, command)
  timing.output(command)
  return service:seen():match "^[^\n]+"
end

function fairness.check(service)
  local base = service.url .. "/seen"
  local url = base .. "/upload-tokens/" .. server.TOKEN
  local expected =
    seen(service, { "lua5.4", "bench/programs/get.lua", base, 1 })
  for _, command in ipairs {
    { "lua5.4", "bench/programs/parallel.lua", base, 1, 1 },
    { timing.program "easy", url, 1 },
    { timing.program "multi", url, 1, 1 },
    { "bench/programs/curl.sh", url, 1, 1 },
  } do
    local request = seen(service, command)
    if request ~= expected then
      error(("requests differ:\n%s\n%s"):format(expected, request))
    end
  end
end

return fairness
