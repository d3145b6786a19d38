--- The proxy that calls go through. libcurl reads the same variables in the
-- same way; here they have names, which messages need.

local host = require "apivideo.util.host"

local proxy = {}

local VARIABLES = { "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY" }
local EXCEPTIONS = { "no_proxy", "NO_PROXY" }

-- The first of the variables that says something. → its value and its name
local function first_of(names)
  for _, name in ipairs(names) do
    local value = host.os and host.os.getenv(name)
    if value and value ~= "" then return value, name end
  end
end

-- The 32 bits of an IPv4 address as a number, or nil.
local function address(text)
  local a, b, c, d = text:match "^(%d+)%.(%d+)%.(%d+)%.(%d+)$"
  if not a then return nil end
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- Whether an address is in a network such as 10.0.0.0/8.
local function is_in_network(name, pattern)
  local network, bits = pattern:match "^([%d.]+)/(%d+)$"
  local ours, theirs = address(name), network and address(network)
  if not ours or not theirs or tonumber(bits) > 32 then return false end
  local size = 2 ^ (32 - bits)
  return math.floor(ours / size) == math.floor(theirs / size)
end

-- Whether one word of the exceptions means a host: its name, or that of a
-- domain it is in.
local function means(pattern, name)
  pattern = pattern:lower():gsub("^%.", ""):gsub("%.$", "")
  pattern = pattern:match "^%[(.*)%]$" or pattern
  if pattern == "" then return false end
  if pattern == name or is_in_network(name, pattern) then return true end
  local in_domain = not address(name) and not name:find ":"
  return in_domain and name:sub(-#pattern - 1) == "." .. pattern
end

local function is_exception(name)
  local text = first_of(EXCEPTIONS)
  if not text then return false end
  if text:match "^%s*(.-)%s*$" == "*" then return true end
  for pattern in text:gmatch "[^%s,]+" do
    if means(pattern, name) then return true end
  end
  return false
end

-- Without the name and password of its user, which end at the last "@".
local function masked(url)
  local scheme, rest = url:match "^(%a[%w+.-]*://)(.*)$"
  rest = (rest or url):gsub("^.*@", ""):match "^[^/?#]*"
  return (scheme or "") .. rest
end

---@class apivideo.Proxy
---@field url string may hold a password
---@field variable string that names it
---@field shown string the URL for people to see

--- The proxy on the way to a service; nil: there is none. A service on this
-- machine, http://, has none.
---@param base_url string
---@return apivideo.Proxy?
function proxy.of(base_url)
  local name = base_url:match "^[Hh][Tt][Tt][Pp][Ss]://%[?([^/?#%]]*)"
  if not name then return nil end
  name = name:gsub("^.*@", "")
  -- What is left of an IPv6 address has no port behind it.
  if not base_url:find("://[", 1, true) then name = name:gsub(":%d*$", "") end
  name = name:lower():gsub("%.$", "")
  local url, variable = first_of(VARIABLES)
  if not url or is_exception(name) then return nil end
  return { url = url, variable = variable, shown = masked(url) }
end

-- What depends on the way, and not only on the service.
local ON_THE_WAY = { connection = true, timeout = true, tls = true }

-- The core's words for one that is no URL: nobody knows what of it is its
-- password.
local NO_PROXY = "the proxy that the environment names"

--- What an error is to be told with when a proxy was on the way; nil: nothing.
---@param err apivideo.Error
---@param way apivideo.Proxy?
---@return string?
function proxy.explain(err, way)
  if not way or not ON_THE_WAY[err.kind] then return nil end
  if err.message:find(NO_PROXY, 1, true) then
    return "it is from " .. way.variable
  end
  return ("the way is through the proxy %s, from %s"):format(
    way.shown, way.variable)
end

return proxy
