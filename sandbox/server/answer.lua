-- Sends what a handler returned: a status, a body (a table becomes JSON, text
-- is JSON already, nil is none) and perhaps headers.
local json = require "server.json"

local answer = {}

-- Sets the status and the headers. -> the body as text, or nil.
local function begin(status, body, headers)
  local sent = ngx.header
  if type(body) == "table" then body = json.encode(body) end
  ngx.status = status
  sent["Content-Type"] = "application/json"
  for name, value in pairs(headers or {}) do sent[name] = value end
  return body
end

function answer.send(status, body, headers)
  local sent = ngx.header
  body = begin(status, body, headers)
  if body then
    sent["Content-Length"] = #body
    ngx.print(body)
  elseif status ~= 204 then
    sent["Content-Length"] = 0
  end
  return ngx.exit(ngx.OK)
end

-- The length is that of the whole body, but the connection closes after half
-- of it; with no body, after the headers.
function answer.send_half(status, body, headers)
  body = begin(status, body, headers) or ""
  if status ~= 204 then ngx.header["Content-Length"] = #body end
  ngx.print(body:sub(1, math.floor(#body / 2)))
  ngx.flush(true)
  return ngx.exit(444)
end

return answer
