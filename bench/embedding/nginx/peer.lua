--- What people do without us: the same calls on nginx's own sockets, with a
-- pool of connections, parsed headers and cjson, and nothing else: no retry,
-- no limit, no deadline. Where $LUA_RESTY_HTTP is the folder of lua-resty-http
-- and lua-resty-string, that is used.

local cjson = require "cjson"

local HOST, PORT = "127.0.0.1", tonumber(os.getenv "SERVICE_PORT")
local POOL = { pool_size = 1000 }

local peer = {}

local folder = os.getenv "LUA_RESTY_HTTP"
package.path = (folder or ".") .. "/?.lua;" .. package.path
local http = folder and require "resty.http"
peer.name = http and "lua-resty-http " .. http._VERSION or "cosockets"

local HEADERS = {
  Host = HOST .. ":" .. PORT, Authorization = "Basic c29tZV9rZXk6",
  Accept = "application/json", ["User-Agent"] = "bench",
}

-- The body of an answer, on a socket that is kept.
local function request(method, path)
  local socket = ngx.socket.tcp()
  socket:settimeouts(10000, 30000, 30000)
  assert(socket:connect(HOST, PORT, POOL))
  local lines = { method .. " " .. path .. " HTTP/1.1" }
  for name, value in pairs(HEADERS) do
    lines[#lines + 1] = name .. ": " .. value
  end
  lines[#lines + 1] = "\r\n"
  assert(socket:send(table.concat(lines, "\r\n")))
  local status = tonumber(assert(socket:receive "*l"):match " (%d+)")
  local headers = {}
  while true do
    local line = assert(socket:receive "*l")
    if line == "" then break end
    local name, value = line:match "^([^:]+):%s*(.-)%s*$"
    headers[name:lower()] = value
  end
  local body = assert(socket:receive(tonumber(headers["content-length"])))
  socket:setkeepalive(60000, 1000)
  return status, body
end

local function request_by_library(method, path)
  local client = http.new()
  client:set_timeouts(10000, 30000, 30000)
  assert(client:connect {
    scheme = "http", host = HOST, port = PORT, pool_size = 1000,
  })
  local answer = assert(client:request {
    method = method, path = path, headers = HEADERS,
  })
  local body = assert(answer:read_body())
  client:set_keepalive(60000, 1000)
  return answer.status, body
end

local send = http and request_by_library or request

function peer.get_token(id)
  local status, body = send("GET", "/upload-tokens/" .. id)
  assert(status == 200)
  return cjson.decode(body)
end

-- One part of a file, as a form, in pieces.
local function send_part(socket, token, file, size, number, parts)
  local head = '--b\r\nContent-Disposition: form-data; name="file"; '
    .. 'filename="film.mp4"\r\n\r\n'
  local tail = "\r\n--b--\r\n"
  assert(socket:send { "POST /upload?token=", token, " HTTP/1.1\r\nHost: ",
    HOST, "\r\nContent-Range: part ", number, "/", parts,
    "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ",
    #head + size + #tail, "\r\n\r\n", head })
  while size > 0 do
    local piece = file:read(math.min(size, 65536))
    assert(socket:send(piece))
    size = size - #piece
  end
  assert(socket:send(tail))
  local length
  repeat
    local line = assert(socket:receive "*l")
    length = line:lower():match "^content%-length: (%d+)" or length
  until line == ""
  return assert(socket:receive(tonumber(length)))
end

--- A file in parts, one after the other on one connection, by hand: none of
-- the libraries does that.
function peer.upload(path, size, part_size)
  local socket = ngx.socket.tcp()
  socket:settimeouts(10000, 30000, 30000)
  assert(socket:connect(HOST, PORT, POOL))
  local file = assert(io.open(path, "rb"))
  local parts = math.ceil(size / part_size)
  for number = 1, parts do
    local left = size - (number - 1) * part_size
    send_part(socket, "to1", file, math.min(left, part_size), number, parts)
  end
  file:close()
  socket:setkeepalive(60000, 1000)
end

return peer
