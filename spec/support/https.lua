-- The service in its smallest form, over TLS or not: nginx that answers every
-- request with one token, or passes it on, and writes down what it received.

local cjson = require "cjson"

local CONFIGURATION = [[
daemon off;
master_process off;
error_log stderr warn;
pid nginx.pid;
%s
events {}

http {
  log_format received escape=json '{"request":"$request",'
    '"agent":"$http_user_agent","authorization":"$http_authorization",'
    '"origin":"$http_av_origin_client",'
    '"proxy_authorization":"$http_proxy_authorization",'
    '"proxy_connection":"$http_proxy_connection"}';
  access_log received received;
  default_type application/json;
  client_body_temp_path bodies;
  proxy_temp_path bodies;
  fastcgi_temp_path bodies;
  uwsgi_temp_path bodies;
  scgi_temp_path bodies;

  server {
    listen 127.0.0.1:%d%s;
    %s
    %s
  }
}
]]

-- When it is told to stop, requests that it has answered are to be in what it
-- received: it would write them down after it lingered.
local TOKEN = [[lingering_close off;
    return 200 '{"token":"to1tcmSFHeYY5KzyhOqVKMKb","ttl":0,"createdAt":""}';]]

-- To another server, each request on a connection of its own.
local PASSED_ON = [[client_max_body_size 0;
    keepalive_timeout 0;
    location / { proxy_pass http://127.0.0.1:%d; }]]

local TLS = [[ ssl;
    ssl_certificate %s.pem;
    ssl_certificate_key server.key;
    ssl_protocols %s;
    ssl_ciphers DEFAULT@SECLEVEL=0]]

local PATH = os.getenv "PATH" .. ":/usr/local/sbin:/usr/sbin:/sbin"

local ESTABLISHED = "01" -- as Linux has it in its list of connections

local Https = {}
Https.__index = Https

-- Serves `port` from a place with certificates (see place.lua, authority.lua).
-- Options: certificate (default "valid"), protocols (all), plain (no TLS),
-- upstream (the port that it passes requests on to), idle (seconds after which
-- it closes a connection without requests).
local function serve(place, port, options)
  local tls = not options.plain and TLS:format(
    options.certificate or "valid",
    options.protocols or "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3")
  -- Otherwise nginx hands its directories to the user it would switch to.
  place:run "id -u >id"
  local user = place:read "id" == "0\n" and "user root;" or ""
  local answer = options.upstream and PASSED_ON:format(options.upstream)
  local idle = options.idle and ("keepalive_timeout %ds;"):format(options.idle)
  place:write("nginx.conf",
    CONFIGURATION:format(user, port, tls or "", idle or "", answer or TOKEN))
  place:write("received", "")
  local stop = place:serve(port, "nginx.log", "env", "PATH=" .. PATH, "nginx",
    "-p", place.path .. "/", "-c", "nginx.conf", "-e", "stderr")
  return setmetatable({ place = place, port = port, stop = stop }, Https)
end

-- Whether no request has come, nor a part of one.
function Https:is_untouched()
  return self.place:read "received" == ""
end

-- Whether it has a connection open.
function Https:is_connected()
  local here = (":%04X"):format(self.port)
  for line in io.lines "/proc/net/tcp" do
    local address, state = line:match "^ *%d+: %x+(:%x+) %x+:%x+ (%x%x) "
    if address == here and state == ESTABLISHED then return true end
  end
  return false
end

-- Ends it. Returns the requests it received, in their order, each a table with
-- the request line and the headers of interest ("" for what was not there).
function Https:close()
  self.stop()
  local requests = {}
  for line in self.place:read("received"):gmatch "[^\n]+" do
    requests[#requests + 1] = cjson.decode(line)
  end
  return requests
end

return serve
