-- The example of a broker, examples/nginx, as it is: what browsers get, and
-- what they never see.

-- nginx runs LuaJIT; the module of another runtime does not fit.
if not jit then return end

local cjson = require "cjson"
local http = require "socket.http"
local ltn12 = require "ltn12"
local nginx = require "spec.support.nginx"
local place = require "spec.support.place"
local service = require "spec.support.service"
local shell = require "spec.support.shell"
local socket = require "socket"

local KEY = "canary_key_5f1d9c"

describe("the broker of upload tokens", function()
  local here, stop, url

  local function start()
    local port = place.free_port()
    url = ("http://127.0.0.1:%d"):format(port)
    stop = here:serve(port, "broker.log", nginx.command("env",
      "TMPDIR=" .. here.path, "APIVIDEO_API_KEY=" .. KEY,
      shell.root .. "/examples/nginx/start", tostring(port)))
  end

  before_each(function()
    service.reset()
    service.settings { keys = { KEY } }
    here = place.new()
    start()
  end)

  after_each(function()
    stop()
    here:close()
  end)

  -- One request. -> status, fields of the answer, headers, all of it as text
  local function request(method, path)
    local pieces = {}
    local ok, status, headers = http.request {
      method = method or "POST", url = url .. (path or "/upload-token"),
      sink = ltn12.sink.table(pieces),
    }
    assert(ok, status)
    local all = table.concat(pieces)
    local fields = cjson.decode(all)
    for name, value in pairs(headers) do
      all = all .. name .. ": " .. value .. "\n"
    end
    return status, fields, headers, all
  end

  -- All that the broker has written.
  local function logs()
    here:run "cat tmp.*/access.log broker.log >logs"
    return here:read "logs"
  end

  it("hands out a token that serves for ten minutes", function()
    local status, fields, headers = request()
    assert.equal(200, status)
    assert.equal("application/json", headers["content-type"])
    local token = service.client { api_key = KEY }.upload_tokens
      :get_token(fields.token)
    assert.same({ token = token.token, ttl = 600,
      expires_at = token.expires_at, service = service.url }, fields)
  end)

  it("names the service where it makes its tokens", function()
    local _, fields = request()
    assert.equal(service.url, fields.service)
  end)

  it("lets nobody keep an answer", function()
    local _, _, headers = request()
    assert.equal("no-store", headers["cache-control"])
    _, _, headers = request "GET"
    assert.equal("no-store", headers["cache-control"])
  end)

  it("answers POST alone", function()
    local status, _, headers = request "GET"
    assert.same({ 405, "POST" }, { status, headers.allow })
    assert.same({}, service.requests())
  end)

  it("gives one address five tokens at once, and then refuses", function()
    for _ = 1, 5 do assert.equal(200, (request())) end
    local status, fields, headers = request()
    assert.same({ 429, "2" }, { status, headers["retry-after"] })
    assert.same({ error = "too many requests" }, fields)
    assert.equal("no-store", headers["cache-control"])
    assert.equal(5, #service.requests())
  end)

  it("tells when to come back while the service throttles", function()
    service.faults { {
      problem = "too-many-requests", headers = { ["Retry-After"] = 30 },
    } }
    local status, fields, headers = request()
    assert.same({ 503, "30" }, { status, headers["retry-after"] })
    assert.same({ error = "too many uploads begin" }, fields)
  end)

  it("tells nothing of ours when the service fails", function()
    service.settings { suspended = true }
    local status, fields = request()
    assert.equal(502, status)
    assert.same({ error = "there is no upload token to be had" }, fields)
    assert.matches("no upload token: create_token: forbidden", logs())
  end)

  it("ends while somebody keeps a connection and asks nothing", function()
    local connection = assert(socket.connect("127.0.0.1", url:match "%d+$"))
    request() -- which was accepted later
    local before = socket.gettime()
    stop()
    assert.is_true(socket.gettime() - before < 20)
    connection:close()
    start()
  end)

  it("ends also when it is told to before nginx heeds signals", function()
    here:run(([[
printf '#!/bin/sh\ncase $1 in -p) sleep 0.5 ;; esac\nexec %%s "$@"\n' '%s' >nginx
chmod +x nginx
mkdir tmp
export PATH="$PWD:$PATH" TMPDIR="$PWD/tmp" APIVIDEO_API_KEY=key
timeout --foreground 20 '%s/examples/nginx/start' %d >begun &
until grep -q '^broker: ' begun; do sleep 0.01; done
kill -TERM $!
status=0
wait $! || status=$?
[ $status -eq 143 ]
[ -z "$(ls tmp)" ] ]]):format(nginx.program(), shell.root, place.free_port()))
  end)

  it("shows its key nowhere", function()
    local _, _, _, seen = request()
    service.settings { keys = { "another_key" } }
    seen = seen .. select(4, request()) .. select(4, request "GET")
    seen = seen .. logs()
    assert.matches("unauthorized", seen) -- so the logs were there
    assert.is_nil(seen:find(KEY, 1, true))
  end)

  it("is not started without a key", function()
    here:run("! " .. table.concat({ nginx.command("env", "APIVIDEO_API_KEY=",
      shell.root .. "/examples/nginx/start", place.free_port()) }, " "))
    assert.matches("set APIVIDEO_API_KEY, and name it in nginx.conf",
      here:read "run.log")
  end)
end)
