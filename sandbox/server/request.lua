-- One request as the rest of the sandbox sees it.
local json = require "server.json"

local request = {}
request.__index = request

-- `target` is the path with its query, as it was sent; `path` is decoded.
function request.received()
  return setmetatable({
    method = ngx.req.get_method(),
    path = ngx.var.uri,
    target = ngx.var.request_uri,
    headers = ngx.req.get_headers(0),
  }, request)
end

-- The last value of a query parameter, or nil. A bare name is "".
function request:query(name)
  self.arguments = self.arguments or ngx.req.get_uri_args(0)
  local value = self.arguments[name]
  if type(value) == "table" then value = value[#value] end
  if value == true then return "" end
  return value
end

-- A header that may be there once only; repeated, it counts as malformed.
function request:header(name)
  local value = self.headers[name]
  if type(value) == "table" then return "" end
  return value
end

-- The whole body as text; for bodies known to be small.
function request:text()
  if self.body then return self.body end
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local path = not body and ngx.req.get_body_file()
  if path then
    local file = assert(io.open(path, "rb"))
    body = file:read("*a")
    file:close()
  end
  self.body = body or ""
  return self.body
end

-- The body as the table of a JSON object, or nil and the reason.
function request:object()
  return json.decode_object(self:text())
end

return request
