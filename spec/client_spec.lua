local apivideo = require "apivideo"
local faults = require "spec.support.faults"
local patience = require "spec.support.patience"
local service = require "spec.support.service"
local socket = require "socket"

local function headers_of_last_request()
  local requests = service.requests()
  return requests[#requests].headers
end

-- Fails unless a process of its own, behind that prefix, reaches the service
-- with a client of these options: what stands in their braces.
local function assert_reaches(prefix, options)
  assert.equal("0", service.run(prefix, ([[
    local client = require "apivideo".new { %s }
    io.write(#client.upload_tokens:list().data)
  ]]):format(options)))
end

describe("a client", function()
  local client

  before_each(function()
    service.reset()
  end)

  after_each(function()
    if client then client:close() end
  end)

  it("has the version of the library", function()
    assert.equal("0.2.0", apivideo._VERSION)
  end)

  it("opens no connection by itself", function()
    local listener = assert(socket.bind("127.0.0.1", 0))
    local _, port = listener:getsockname()
    client = service.client { base_url = "http://127.0.0.1:" .. port }
    listener:settimeout(0)
    assert.is_nil((listener:accept()))
    listener:close()
  end)

  it("sends the key as the user name with an empty password", function()
    client = service.client()
    client.upload_tokens:list()
    assert.equal(
      "Basic c2FuZGJveF9rZXk6", headers_of_last_request().authorization)
  end)

  it("takes keys of every length", function()
    for length = 1, 12 do
      local key = ("k"):rep(length)
      service.settings { keys = { key } }
      client = service.client { api_key = key }
      client.upload_tokens:list()
      client:close()
    end
  end)

  it("fails with unauthorized for a wrong key", function()
    client = service.client { api_key = "wrong" }
    local err = service.failure(
      client.upload_tokens.list, client.upload_tokens)
    assert.equal("unauthorized", err.kind)
    assert.equal("The API key is invalid.", err.title)
  end)

  it("sends no credentials when it has no key", function()
    local bare = service.run("env -u APIVIDEO_API_KEY", [[
      local client = require "apivideo".new()
      local ok, err = pcall(client.upload_tokens.list, client.upload_tokens)
      io.write(err.kind, " ", err.title)
    ]])
    assert.equal(
      'unauthorized The "Authorization" header is missing.', bare)
  end)

  it("says so when it had no key to send", function()
    local bare = service.run("env -u APIVIDEO_API_KEY", [[
      local client = require "apivideo".new()
      print(pcall(client.upload_tokens.list, client.upload_tokens))
    ]])
    assert.matches("; no api_key was given, nor is APIVIDEO_API_KEY set\n$",
      bare)
    client = service.client { api_key = "wrong" }
    local err = service.failure(
      client.upload_tokens.list, client.upload_tokens)
    assert.is_nil(err.message:find "no api_key was given")
  end)

  it("takes key and URL from the environment", function()
    assert_reaches("", "")
  end)

  it("takes the URL from the environment whatever `environment` is", function()
    assert_reaches("", 'environment = "production"')
  end)

  it("takes empty variables for absent ones", function()
    local output = service.run("env APIVIDEO_API_KEY= APIVIDEO_BASE_URL=", ([[
      local apivideo = require "apivideo"
      local remote = apivideo.new()
      local client = apivideo.new { base_url = %q }
      local ok, err = pcall(client.upload_tokens.list, client.upload_tokens)
      io.write(tostring(remote), " ", err.title)
    ]]):format(service.url))
    assert.equal(
      'apivideo.client The "Authorization" header is missing.', output)
  end)

  it("lets options beat the environment", function()
    assert_reaches("APIVIDEO_BASE_URL=http://127.0.0.1:1",
      ("base_url = %q, timeout = 5"):format(service.url))
  end)

  it("names application and sdk", function()
    client = service.client {
      application = { name = "my-game", version = "1.2.3" },
      sdk = { name = "my_sdk", version = "2" },
    }
    client.upload_tokens:list()
    local headers = headers_of_last_request()
    assert.equal("my-game:1.2.3", headers["av-origin-app"])
    assert.equal("my_sdk:2", headers["av-origin-sdk"])
  end)

  it("sends further headers, and a call's own beat the client's", function()
    client = service.client { headers = { ["X-One"] = "a", ["X-Two"] = "b" } }
    client.upload_tokens:list(nil, {
      headers = { ["x-one"] = "c", ["X-Empty"] = "", ["X-Blank"] = "  " },
    })
    local headers = headers_of_last_request()
    assert.equal("c", headers["x-one"])
    assert.equal("b", headers["x-two"])
    assert.equal("", headers["x-empty"])
    assert.equal("", headers["x-blank"])
    client.upload_tokens:list()
    assert.equal("a", headers_of_last_request()["x-one"])
  end)

  it("does not follow redirects", function()
    client = service.client()
    service.faults { { status = 302, headers = {
      Location = service.url .. "/upload-tokens?currentPage=9",
    } } }
    local err = service.failure(
      client.upload_tokens.list, client.upload_tokens)
    assert.equal("unexpected_status", err.kind)
    assert.equal(1, #service.requests())
  end)

  it("takes a base URL with a path and a slash at its end", function()
    client = service.client { base_url = service.url .. "/prefix/" }
    local err = service.failure(
      client.upload_tokens.list, client.upload_tokens)
    assert.equal("not_found", err.kind)
    assert.equal("/prefix/upload-tokens", service.requests()[1].path)
  end)

  it("sends a base URL's path as it is, and bytes beyond ASCII as escapes", function()
    local place = faults.open {
      script = {}, healthy = faults.OPERATIONS.list.healthy,
    }
    local paths = {
      "//a//b", "/a;b=c", "/%2F%25", "/été", "/" .. ("é"):rep(1000),
    }
    for i, path in ipairs(paths) do
      local core = require "apivideo.core".new { base_url = place.url .. path }
      core:list { current_page = 2 }
      core:close()
      path = path:gsub("é", "%%C3%%A9")
      assert.equal(path .. "/upload-tokens?currentPage=2",
        place:log().requests[i].path)
    end
    place:close()
  end)

  it("gives each call a deadline of its own", function()
    client = service.client { timeout = 5 }
    service.faults { { delay = 2 } }
    local start = socket.gettime()
    local err = service.failure(
      client.upload_tokens.list, client.upload_tokens, nil, { timeout = 0.1 })
    assert.equal("timeout", err.kind)
    assert.is_true(socket.gettime() - start < 0.1 + patience(0.9))
  end)

  it("asks a proxy for a tunnel, and shows it no credentials", function()
    local proxy = assert(socket.bind("127.0.0.1", 0))
    local _, port = proxy:getsockname()
    client = service.client {
      base_url = "https://127.0.0.1:1", proxy = "http://127.0.0.1:" .. port,
      timeout = 9,
    }
    local call = client.core:start "list"
    local peer
    proxy:settimeout(0)
    for _ = 1, 1000 do
      client.core:step(0.01)
      peer = proxy:accept()
      if peer then break end
    end
    peer:settimeout(0)
    local seen = ""
    for _ = 1, 1000 do
      client.core:step(0.01)
      local text, _, partial = peer:receive(4096)
      seen = seen .. (text or partial or "")
      if seen:find "\r\n\r\n" then break end
    end
    assert.truthy(seen:match "^CONNECT 127%.0%.0%.1:%d+ HTTP/1%.1\r\n", seen)
    assert.is_nil(seen:lower():find("authorization", 1, true))
    call:cancel()
    peer:close()
    proxy:close()
  end)

  it("uses the proxy of the option whatever NO_PROXY says", function()
    local output = service.run("env NO_PROXY=127.0.0.1 no_proxy=127.0.0.1", [[
      local client = require "apivideo".new {
        base_url = "https://127.0.0.1:9", proxy = "http://127.0.0.1:1",
      }
      local ok, err = pcall(client.upload_tokens.list, client.upload_tokens)
      io.write(tostring(ok), " ", err.kind)
    ]])
    assert.equal("false connection", output)
  end)

  it("uses no proxy when the option is empty, or false", function()
    for _, none in ipairs { '""', "false" } do
      local output = service.run("env no_proxy= NO_PROXY= https_proxy=http://127.0.0.1:1", ([[
        local client = require "apivideo".new {
          base_url = "https://127.0.0.1:9", proxy = %s, retries = 0,
        }
        local _, err = pcall(client.upload_tokens.list, client.upload_tokens)
        io.write(err.message)
      ]]):format(none))
      assert.matches("Failed to connect to 127%.0%.0%.1[: ]", output)
      assert.matches("%f[%d]9[: ]", output)
    end
  end)

  it("follows the environment's proxy", function()
    local output = service.run("env no_proxy= NO_PROXY= https_proxy=http://127.0.0.1:1", [[
      local client = require "apivideo".new {
        base_url = "https://127.0.0.1:9", timeout = 5,
      }
      local ok, err = pcall(client.upload_tokens.list, client.upload_tokens)
      io.write(tostring(ok), " ", err.kind)
    ]])
    assert.equal("false connection", output)
  end)

  it("fails with tls for a server that speaks no TLS", function()
    local url = service.url:gsub("^http:", "https:")
    client = service.client { base_url = url }
    local err = service.failure(
      client.upload_tokens.create_token, client.upload_tokens)
    assert.equal("tls", err.kind)
    assert.is_false(err.ambiguous)
    assert.same({}, service.requests())
  end)

  it("fails with tls for a CA file that is missing", function()
    local url = service.url:gsub("^http:", "https:")
    client = service.client { base_url = url, ca_file = "/nowhere/ca.pem" }
    local err = service.failure(
      client.upload_tokens.list, client.upload_tokens)
    assert.equal("tls", err.kind)
  end)

  it("verifies the certificate with ca_file", function()
    assert_reaches("sandbox/sandbox --tls -- env -u SSL_CERT_FILE",
      'ca_file = os.getenv "APIVIDEO_CA_FILE"')
  end)

  it("verifies the certificate with SSL_CERT_FILE", function()
    assert_reaches("sandbox/sandbox --tls --", "")
  end)

  it("fails with tls for a certificate of an unknown authority", function()
    local output = service.run("sandbox/sandbox --tls -- env -u SSL_CERT_FILE", [[
      local client = require "apivideo".new()
      local ok, err = pcall(client.upload_tokens.list, client.upload_tokens)
      io.write(tostring(ok), " ", err.kind)
    ]])
    assert.equal("false tls", output)
  end)

  it("speaks HTTP/2 where the service does", function()
    local output = service.run("sandbox/sandbox --http2 --", [[
      local client = require "apivideo".new()
      local token = client.upload_tokens:create_token { ttl = 60 }
      local ok, response = client.upload_tokens:delete_token(token.token)
      io.write(tostring(ok), " ", response.status)
    ]])
    assert.equal("true 204", output)
  end)

  it("can be closed again and again", function()
    client = service.client()
    client:close()
    client:close()
    assert.equal("apivideo.client: closed", tostring(client))
  end)

  it("is closed when it goes out of scope", function()
    if _VERSION ~= "Lua 5.4" then return end -- no other Lua has <close>
    client = service.client()
    assert(load "local scoped <close> = ...")(client)
    assert.equal("apivideo.client: closed", tostring(client))
  end)

  it("leaves the host's lua-cjson as it is", function()
    local cjson = require "cjson"
    local depth = cjson.decode_max_depth()
    client = service.client()
    client.upload_tokens:list()
    assert.equal(depth, cjson.decode_max_depth())
    assert.truthy(depth > 64)
  end)
end)
