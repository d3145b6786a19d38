-- Faults that nobody ordered: the setting `fault_rate` is the share of the
-- requests to the service that meet one. Which the n-th request meets is the
-- same for the same rate and `fault_seed`.
local random = require "server.random"
local settings = require "server.settings"

local random_faults = {}

local HTML = { ["Content-Type"] = "text/html" }
local PAGE = "<html><head><title>502 Bad Gateway</title></head></html>"

-- How often each comes among a thousand. What takes long is rare.
local FAULTS = {
  { 200, { close = true } },
  { 100, { close = true, after = true } },
  { 150, { status = 500, body = { title = "Broken" } } },
  { 50, { status = 500, body = "", after = true } },
  { 100, { status = 502, body = PAGE, headers = HTML } },
  { 100, { status = 503, body = { title = "Busy" } } },
  { 50, { status = 503, body = "", headers = { ["Retry-After"] = 0 } } },
  { 3, { problem = "too-many-requests",
    headers = { ["X-RateLimit-Retry-After"] = 0 } } },
  { 2, { problem = "too-many-requests" } },
  { 80, { status = 200, body = "\255\254{]]\0\27" } },
  { 60, { status = 200, body = PAGE, headers = HTML } },
  { 80, { truncate = true } },
  { 20, { delay = 0.05 } },
  { 5, { delay = 5 } },
}

local total = 0
for _, entry in ipairs(FAULTS) do total = total + entry[1] end

local following

-- The sequence starts again.
function random_faults.restart()
  following = random.sequence(settings.current.fault_seed)
end

random_faults.restart()

-- The fault that the next request meets, or nil.
function random_faults.take()
  local rate = settings.current.fault_rate
  if rate == 0 or following() >= rate then return nil end
  local place = following() * total
  for _, entry in ipairs(FAULTS) do
    place = place - entry[1]
    if place < 0 then return entry[2] end
  end
end

return random_faults
