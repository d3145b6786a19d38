-- Real proxies, in a place (see place.lua). Each listens on a port of its own,
-- serves connections to this machine only, and notes what it was asked for.

local needs = require "spec.support.needs"
local place = require "spec.support.place"

local TINYPROXY = [[
Listen 127.0.0.1
Port %d
Timeout 20
LogLevel Connect
DisableViaHeader Yes
%s
]]

local DANTED = [[
logoutput: stderr
internal: 127.0.0.1 port = %d
external: 127.0.0.1
clientmethod: none
socksmethod: none
%s
client pass { from: 127.0.0.0/8 to: 0.0.0.0/0 }
socks pass { from: 127.0.0.0/8 to: 127.0.0.0/8 log: connect }
socks pass { from: 127.0.0.0/8 to: localhost log: connect }
]]

local PATH = "PATH=" .. os.getenv "PATH" .. ":/usr/local/sbin:/usr/sbin:/sbin"

local Proxy = {}
Proxy.__index = Proxy

local function start(here, name, port, ...)
  local log = ("%s-%d.log"):format(name, port)
  return setmetatable({
    here = here, log = log, port = port, address = "127.0.0.1:" .. port,
    stop = here:serve(port, log, "env", PATH, name, ...),
  }, Proxy)
end

function Proxy:close()
  self.stop()
end

-- How often it was asked to connect to a port: `expected` times, or what it
-- is when that takes too long.
function Proxy:asked_for(port, expected)
  local said = self.said:format(port)
  local count
  place.wait(function()
    count = select(2, self.here:read(self.log):gsub(said, ""))
    return count >= expected
  end, 2)
  return count
end

local proxies = {}

-- HTTP. Options: user and password; only_port, the one it may connect to.
function proxies.tinyproxy(here, options, port)
  options = options or {}
  port = port or place.free_port()
  local more = ""
  if options.user then
    more = ("BasicAuth %s %s\n"):format(options.user, options.password)
  end
  if options.only_port then
    more = more .. "ConnectPort " .. options.only_port
  end
  local file = ("tinyproxy-%d.conf"):format(port)
  here:write(file, TINYPROXY:format(port, more))
  local proxy = start(here, "tinyproxy", port, "-d", "-c", file)
  proxy.said = "CONNECT [%%w.]+:%d HTTP"
  return proxy
end

-- SOCKS 4 and 5, without passwords.
local function danted(here)
  local port = place.free_port()
  here:run "id -u >id"
  local users = here:read "id" == "0\n" and "user.unprivileged: nobody" or ""
  here:write("danted.conf", DANTED:format(port, users))
  local proxy = start(here, "danted", port, "-f", "danted.conf")
  proxy.said = "tcp/connect %%[: [%%d. ]+ %%-> [^\n]*%%.%d\n"
  return proxy
end

-- SOCKS 5; what is handed over are options of the program.
local function microsocks(here, ...)
  local port = place.free_port()
  local proxy = start(here, "microsocks", port, "-i", "127.0.0.1", "-p",
    tostring(port), ...)
  proxy.said = "connected to [%%w.]+:%d\n"
  return proxy
end

-- SOCKS 5, with user and password if there are options with them; without,
-- SOCKS 4, too, where there is danted.
function proxies.socks(here, options)
  if options then
    return microsocks(here, "-u", options.user, "-P", options.password)
  end
  return needs.has "danted" and danted(here) or microsocks(here)
end

return proxies
