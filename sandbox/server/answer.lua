-- Sends what a handler returned: a status, a body (a table becomes JSON, text
-- is JSON already, nil is none) and perhaps headers.
local json = require "server.json"

local answer = {}

function answer.send(status, body, headers)
  local sent = ngx.header
  if type(body) == "table" then body = json.encode(body) end
  ngx.status = status
  sent["Content-Type"] = "application/json"
  for name, value in pairs(headers or {}) do sent[name] = value end
  if body then
    sent["Content-Length"] = #body
    ngx.print(body)
  elseif status ~= 204 then
    sent["Content-Length"] = 0
  end
  return ngx.exit(ngx.OK)
end

return answer
