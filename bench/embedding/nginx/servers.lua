-- The nginxes of the comparison: a service that answers, and for each side one
-- with a single worker, whose requests make the same calls.

local nginx = require "spec.support.nginx"

local servers = {}

local ANSWER = '{"token":"to1tcmSFHeYY5KzyhOqVKMKb","ttl":7,'
  .. '"createdAt":"2026-11-23T10:13:19+00:00"}'

local FOREVER = "keepalive_requests 1000000000; keepalive_timeout 600s;"

local SERVICE = [[
add_header X-RateLimit-Limit 1000000000;
add_header X-RateLimit-Remaining 1000000000;
add_header X-RateLimit-Retry-After 60;
default_type application/json;
# Answers after 100 ms, 4 s, and at once.
location /upload-tokens/to100 {
  content_by_lua_block {
    ngx.sleep(0.1)
    ngx.header.content_length = #'%s'
    ngx.print '%s'
  }
}
location /upload-tokens/to4000 {
  content_by_lua_block {
    ngx.sleep(4)
    ngx.header.content_length = #'%s'
    ngx.print '%s'
  }
}
location /upload-tokens/to0 { return 200 '%s'; }
# All of a part is read before it is answered.
location = /upload {
  client_max_body_size 201m;
  client_body_buffer_size 512k;
  proxy_pass_request_body off;
  proxy_set_header Content-Length "";
  proxy_pass http://127.0.0.1:$server_port/uploaded;
}
location = /uploaded { return 201 '{"videoId":"vi4k0jvEUuaTdRAEjQ4Jfrgz"}'; }
]]

local OURS = [[
local client = require("apivideo").new {
  base_url = "http://127.0.0.1:" .. os.getenv "SERVICE_PORT",
  api_key = "some_key", max_connections = %d,
}
local ours = { name = "apivideo" }

function ours.get_token(id)
  return client.upload_tokens:get_token(id)
end

function ours.upload(path, _, part_size)
  client.videos:upload_with_upload_token("to1", path, {
    chunk_size = part_size,
  })
end

return ours
]]

local LOCATIONS = [[
location /call/ {
  content_by_lua_block {
    ngx.print(require("side").get_token(ngx.var.uri:match "[^/]+$").ttl)
  }
}
location = /upload {
  content_by_lua_block {
    local from = require("apivideo.core").now()
    require("side").upload(ngx.var.arg_path, tonumber(ngx.var.arg_size),
      50 * 2^20)
    ngx.print(require("apivideo.core").now() - from)
  }
}
location = /name { content_by_lua_block { ngx.print(require("side").name) } }
location = /ping { content_by_lua_block { ngx.print "pong" } }
]]

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

function servers.service()
  return nginx.start {
    http = FOREVER, main = "worker_rlimit_nofile 8192;",
    server = SERVICE:format(ANSWER, ANSWER, ANSWER, ANSWER, ANSWER),
  }
end

-- One side: "ours", with so many connections at most, or "peer".
function servers.worker(side, service, connections)
  return nginx.start {
    main = "worker_rlimit_nofile 8192; env LUA_RESTY_HTTP; env SERVICE_PORT="
      .. service.port .. ";",
    http = FOREVER .. " lua_shared_dict apivideo 64k;",
    server = LOCATIONS,
    files = {
      ["side.lua"] = side == "ours" and OURS:format(connections or 1000)
        or read "bench/embedding/nginx/peer.lua",
    },
  }
end

return servers
