-- Plain HTTP for the specs of the sandbox: they check it without the library
-- that it is there to check.
local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local mime = require "mime"

local sandbox = {
  url = assert(os.getenv "APIVIDEO_BASE_URL", "run the specs with ./run test"),
}

local json = cjson.new()

function sandbox.basic(key)
  return "Basic " .. mime.b64(key .. ":")
end

-- One request. -> status, decoded body (or nil), headers, body as text. A
-- table as `body` is sent as JSON.
function sandbox.request(method, path, body, headers)
  if type(body) == "table" then body = json.encode(body) end
  local sent = { ["content-length"] = body and #body or nil }
  for name, value in pairs(headers or {}) do sent[name] = value end
  local pieces = {}
  local ok, status, received = http.request {
    method = method, url = sandbox.url .. path, headers = sent,
    source = body and ltn12.source.string(body),
    sink = ltn12.sink.table(pieces),
  }
  if not ok then return nil, status end
  local text = table.concat(pieces)
  local decoded, value = pcall(json.decode, text)
  return status, decoded and value or nil, received, text
end

-- The same with the credentials of the account.
function sandbox.call(method, path, body, headers)
  local all = { authorization = sandbox.basic "sandbox_key" }
  for name, value in pairs(headers or {}) do all[name] = value end
  return sandbox.request(method, path, body, all)
end

-- A control, which must succeed. -> its decoded answer.
function sandbox.control(method, name, body)
  local status, answer, _, text =
    sandbox.request(method, "/sandbox/" .. name, body)
  if not status or status > 299 then
    error(("%s /sandbox/%s: %s %s"):format(method, name, status, text), 2)
  end
  return answer
end

function sandbox.reset()
  sandbox.control("POST", "reset")
end

function sandbox.set(settings)
  sandbox.control("POST", "settings", settings)
end

function sandbox.create_token(ttl)
  local status, token =
    sandbox.call("POST", "/upload-tokens", { ttl = ttl or 3600 })
  assert(status == 200, "no token was created")
  return token
end

local BOUNDARY = "a-boundary-that-no-file-contains"

local function field(disposition, contents)
  return ("--%s\r\nContent-Disposition: form-data; %s\r\n\r\n%s\r\n"):format(
    BOUNDARY, disposition, contents)
end

local function file_field(contents, name)
  return field('name="file"; filename=' .. name, contents)
end

-- POST /upload. `upload` has the token, `data` (one text or a list of files),
-- and perhaps name, raw_name (with its quotes), video_id, range and headers.
function sandbox.upload(upload)
  local fields = {}
  local data = upload.data or {}
  if upload.video_id then
    fields[1] = field('name="videoId"', upload.video_id)
  end
  for _, contents in ipairs(type(data) == "table" and data or { data }) do
    fields[#fields + 1] = file_field(contents,
      upload.raw_name or '"' .. (upload.name or "film.mp4") .. '"')
  end
  local headers = {
    ["content-type"] = "multipart/form-data; boundary=" .. BOUNDARY,
    ["content-range"] = upload.range,
  }
  for name, value in pairs(upload.headers or {}) do headers[name] = value end
  local query = upload.token and "?token=" .. upload.token or ""
  return sandbox.request("POST", "/upload" .. query,
    table.concat(fields) .. "--" .. BOUNDARY .. "--\r\n", headers)
end

-- What the sandbox put together.
function sandbox.video(id)
  return sandbox.control("GET", "videos/" .. id)
end

-- The last word of a problem's type.
function sandbox.problem_name(body)
  return body and body.type
    and body.type:match("^https://docs%.api%.video/reference/([%w-]+)$")
end

return sandbox
