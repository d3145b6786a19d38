-- Calls by way of proxies: real ones, and one that says what it is told to.

local apivideo = require "apivideo"
local authority = require "spec.support.authority"
local cut = require "spec.support.cut"
local https = require "spec.support.https"
local mime = require "mime"
local needs = require "spec.support.needs"
local place = require "spec.support.place"
local proxies = require "spec.support.proxies"
local service = require "spec.support.service"

local it = needs.it("tinyproxy", "microsocks")

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"
local USER, PASSWORD = "someone", "canary.word-5"
local LOGIN = USER .. ":" .. PASSWORD .. "@"
-- As it may stand in a URL, too.
local ESCAPED = USER .. ":canary%2Eword%2D5@"

local here, elsewhere -- the service over TLS, and the one without
local secure, plain -- their URLs
local secure_port, plain_port
local nobody, keeper -- the address of a port on which nobody listens
local tinyproxy, guarded, narrow, socks, guarded_socks

local function client_of(options)
  local all = {
    base_url = secure, api_key = "a_proxy_key",
    ca_file = here:file "trusted.pem",
  }
  for name, value in pairs(options) do all[name] = value end
  return apivideo.new(all)
end

-- The token that a client with these options gets.
local function get(options)
  local client = client_of(options)
  local token = client.upload_tokens:get_token(TOKEN)
  client:close()
  return token.token
end

-- The error that it gets, of a create if that is said.
local function fail(options, operation)
  local client = client_of(options)
  local tokens = client.upload_tokens
  local err = operation == "create_token"
    and service.failure(tokens.create_token, tokens)
    or service.failure(tokens.get_token, tokens, TOKEN)
  client:close()
  return err
end

-- What a person may see of it.
local function shown(err)
  local texts = {}
  for name, value in pairs(err) do
    texts[#texts + 1] = name .. " " .. tostring(value)
  end
  return table.concat(texts, "\n")
end

local function assert_no_password(text)
  for _, secret in ipairs {
    PASSWORD, "canary", mime.b64(USER .. ":" .. PASSWORD),
  } do
    assert.is_nil(text:find(secret, 1, true), text)
  end
end

-- libcurl names the address that it could not connect to; newer ones name the
-- service's, and say that it was over a proxy.
local function assert_dead_proxy(message)
  assert.truthy(message:find(nobody:match "%d+$", 1, true)
    or message:find("over proxy", 1, true), message)
end

lazy_setup(function()
  here, elsewhere = place.new(), place.new()
  authority(here)
  secure_port, plain_port = place.free_port(), place.free_port()
  secure = "https://127.0.0.1:" .. secure_port
  plain = "http://127.0.0.1:" .. plain_port
  https(here, secure_port, {})
  https(elsewhere, plain_port, { plain = true })
  local dead_port
  dead_port, keeper = place.dead_port()
  nobody = "127.0.0.1:" .. dead_port
  local login = { user = USER, password = PASSWORD }
  tinyproxy = proxies.tinyproxy(here)
  guarded = proxies.tinyproxy(here, login)
  narrow = proxies.tinyproxy(here, { only_port = 1 })
  socks = proxies.socks(here)
  guarded_socks = proxies.socks(here, login)
end)

lazy_teardown(function()
  keeper:close()
  here:close()
  elsewhere:close()
end)

-- Ways to proxies that let us through: a name, and what gives URL and proxy.
local WAYS = {
  { "http", function() return "http://" .. tinyproxy.address, tinyproxy end },
  { "no scheme, as curl has it",
    function() return tinyproxy.address, tinyproxy end },
  { "http with a password",
    function() return "http://" .. LOGIN .. guarded.address, guarded end },
  { "http with an escaped password", function()
    return "http://" .. ESCAPED .. guarded.address .. "/", guarded
  end },
  { "socks5", function() return "socks5://" .. socks.address, socks end },
  { "socks5h", function() return "socks5h://" .. socks.address, socks end },
  { "socks4", function() return "socks4://" .. socks.address, socks end,
    needs = "danted" },
  { "socks5 with a password", function()
    return "socks5://" .. LOGIN .. guarded_socks.address, guarded_socks
  end },
  { "socks5h with an escaped password", function()
    return "socks5h://" .. ESCAPED .. guarded_socks.address, guarded_socks
  end },
}

describe("a proxy", function()
  for _, way in ipairs(WAYS) do
    local name, open = way[1], way[2]
    local it_there = needs.it("tinyproxy", "microsocks", way.needs)

    it_there("carries a call to https: " .. name, function()
      local url, proxy = open()
      local before = proxy:asked_for(secure_port, 0)
      assert.equal(TOKEN, get { proxy = url })
      assert.equal(before + 1, proxy:asked_for(secure_port, before + 1))
    end)

    it_there("is not to be named for http, which stays here: " .. name,
      function()
        local message = service.misuse(client_of, {
          proxy = open(), base_url = plain,
        })
        assert.matches("proxy is for https:// only", message, 1, true)
      end)

    it_there("cannot vouch for the service: " .. name, function()
      local err = fail { proxy = open(), ca_file = here:file "unknown.pem" }
      assert.equal("tls", err.kind)
      assert.equal(1, err.attempts)
    end)
  end

  it("is none where it is empty, for http as well", function()
    assert.equal(TOKEN, get { proxy = "", base_url = plain })
  end)

  it("is asked for a tunnel once for many calls", function()
    local before = tinyproxy:asked_for(secure_port, 0)
    local client = client_of { proxy = "http://" .. tinyproxy.address }
    for i = 1, 5 do
      local _, response = client.upload_tokens:get_token(TOKEN)
      assert.equal(i > 1, response.reused)
    end
    client:close()
    assert.equal(before + 1, tinyproxy:asked_for(secure_port, before + 1))
  end)

  it("gets the name of the service with socks5h, its address with socks5", function()
    local name = "\3\9localhost"
    local address, address6 = "\1\127\0\0\1", "\4" .. ("\0"):rep(15) .. "\1"
    for scheme, expected in pairs {
      socks5h = { name }, socks5 = { address, address6 },
    } do
      local proxy = cut.new("\5\0", "")
      local client = client_of {
        base_url = "https://localhost:443", retries = 0,
        proxy = ("%s://127.0.0.1:%d"):format(scheme, proxy.port),
      }
      proxy:fail(client, "get_token", TOKEN)
      client:close()
      proxy:close()
      local destination = proxy.heard[2]:match "^\5\1%z(.*)\1\187$"
      assert.truthy(destination == expected[1] or destination == expected[2])
    end
  end)
end)

-- The service stands in for one: it is asked to connect, and will not.
describe("a proxy over TLS", function()
  local function answer(ca_file)
    return fail {
      proxy = secure:gsub("127.0.0.1", LOGIN .. "127.0.0.1"), retries = 0,
      ca_file = here:file(ca_file),
    }
  end

  it("is vouched for by ca_file", function()
    local err = answer "trusted.pem"
    assert.equal("connection", err.kind)
    assert.truthy(err.message:find("CONNECT", 1, true), err.message)
  end)

  it("is not trusted otherwise", function()
    local err = answer "unknown.pem"
    assert.equal("tls", err.kind)
    assert.equal(1, err.attempts)
    assert_no_password(shown(err))
  end)
end)

describe("a proxy that is not there", function()
  it("is looked up again when its name has no address", function()
    local err = fail { proxy = "http://host.invalid:1", retries = 1 }
    assert.equal("connection", err.kind)
    assert.equal(2, err.attempts)
  end)

  it("is not to blame where there is none", function()
    local err = fail { base_url = "https://" .. nobody, proxy = "", retries = 0 }
    assert.equal("connection", err.kind)
    assert.is_nil(err.message:find("proxy", 1, true), err.message)
  end)

  for _, scheme in ipairs { "http", "socks5", "socks5h" } do
    for _, operation in ipairs { "get_token", "create_token" } do
      it("is a connection that failed: " .. scheme .. ", " .. operation, function()
        local err = fail({
          proxy = ("%s://%s%s"):format(scheme, LOGIN, nobody), retries = 1,
        }, operation)
        assert.equal("connection", err.kind)
        assert.is_false(err.ambiguous)
        assert.is_true(err.retryable)
        assert.is_nil(err.status)
        assert.equal(2, err.attempts)
        assert.matches("connection: the proxy cannot be reached: ", err.message)
        assert_dead_proxy(err.message)
        assert_no_password(shown(err))
      end)
    end
  end

  it("is named when it has no address", function()
    local err = fail { proxy = "http://" .. LOGIN .. "proxy.invalid:8080", retries = 0 }
    assert.equal("connection", err.kind)
    assert.truthy(err.message:find("proxy: proxy.invalid", 1, true), err.message)
    assert_no_password(shown(err))
  end)

  it("is used as soon as it is back", function()
    local port = place.free_port()
    local client = client_of { proxy = "http://127.0.0.1:" .. port, retries = 0 }
    local tokens = client.upload_tokens
    service.failure(tokens.get_token, tokens, TOKEN)
    local proxy = proxies.tinyproxy(here, nil, port)
    assert.equal(TOKEN, tokens:get_token(TOKEN).token)
    proxy:close()
    client:close()
  end)
end)

-- A real proxy that says no, and how people are told.
local function refusals()
  return {
    { "http://" .. guarded.address, "the proxy wants a user name and password" },
    { "http://" .. USER .. ":canary.else@" .. guarded.address,
      "the proxy wants a user name and password, or others" },
    { "http://" .. narrow.address,
      "the proxy did not connect to the server: .*403" },
    { "socks5://" .. guarded_socks.address,
      "the proxy wants a user name and password" },
    { "socks5h://" .. USER .. ":canary.else@" .. guarded_socks.address,
      "rejected by the SOCKS5 server" },
  }
end

describe("a proxy that refuses", function()
  it("is a connection that failed, and asked once", function()
    for _, case in ipairs(refusals()) do
      for _, operation in ipairs { "get_token", "create_token" } do
        local err = fail({ proxy = case[1] }, operation)
        assert.equal("connection", err.kind)
        assert.equal(1, err.attempts)
        assert.is_false(err.retryable)
        assert.is_false(err.ambiguous)
        assert.is_nil(err.status) -- that is the service's
        assert.truthy(err.message:find(case[2]), err.message)
        assert_no_password(shown(err))
      end
    end
  end)

  it("keeps its reasons when it is the service that is not there", function()
    for _, url in ipairs {
      "http://" .. tinyproxy.address, "socks5://" .. socks.address,
      "socks5h://" .. LOGIN .. guarded_socks.address,
    } do
      local err = fail { base_url = "https://" .. nobody, proxy = url, retries = 0 }
      assert.equal("connection", err.kind)
      assert.is_nil(err.status)
      assert_no_password(shown(err))
    end
  end)
end)

-- What a proxy may answer to CONNECT instead of connecting, and how often it is
-- asked when one retry is allowed: what it will say again is not asked for.
local ANSWERS = {
  { "401", "HTTP/1.1 401 Who\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\r\n",
    "connection", "the proxy wants a user name and password, or others", 1 },
  { "403", "HTTP/1.1 403 Forbidden\r\n\r\n", "connection",
    "the proxy did not connect to the server: .*403", 1 },
  { "405", "HTTP/1.1 405 No\r\n\r\n", "connection",
    "the proxy did not connect to the server: .*405", 1 },
  { "407", "HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
    .. "Content-Length: 2\r\n\r\nno", "connection",
    "the proxy wants a user name and password, or others", 1 },
  { "a redirect", "HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", "connection",
    "the proxy did not connect to the server: .*302", 1 },
  { "429, which is not the service's",
    "HTTP/1.1 429 Slow\r\nRetry-After: 100\r\n\r\n", "connection",
    "the proxy did not connect to the server: .*429", 2 },
  { "502", "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops",
    "connection", "the proxy did not connect to the server: .*502", 2 },
  { "nothing", "", "connection", "CONNECT", 2 },
  { "200, and nothing more", "HTTP/1.1 200 OK\r\n\r\n", "tls",
    "the connection ended in the TLS handshake", 2 },
}

describe("a proxy that answers", function()
  for _, case in ipairs(ANSWERS) do
    local name, answer, kind, words = case[1], case[2], case[3], case[4]
    local attempts = case[5]
    for operation, argument in pairs { get_token = TOKEN, create_token = {} } do
      local title = ("%s is %s, and asked %d times: %s"):format(
        name, kind, attempts, operation)
      it(title, function()
        local proxy = cut.new(answer)
        local client = client_of {
          proxy = "http://" .. LOGIN .. "127.0.0.1:" .. proxy.port, retries = 1,
        }
        local err = proxy:fail(client, operation, argument)
        client:close()
        proxy:close()
        assert.equal(kind, err.kind)
        assert.is_nil(err.status)
        assert.is_nil(err.retry_after)
        assert.is_false(err.ambiguous)
        assert.truthy(err.message:find(words), err.message)
        assert.equal(attempts, err.attempts)
        assert.equal(attempts, #proxy.heard)
        assert.equal(attempts > 1, err.retryable)
        assert_no_password(shown(err))
      end)
    end
  end

  it("is asked again after it was gone, whatever it said before", function()
    local proxy = cut.new "HTTP/1.1 407 No\r\n\r\n"
    local client = client_of {
      proxy = "http://127.0.0.1:" .. proxy.port, retries = 1,
    }
    assert.equal(1, proxy:fail(client, "get_token", TOKEN).attempts)
    proxy:close()
    local tokens = client.upload_tokens
    local err = service.failure(tokens.get_token, tokens, TOKEN)
    client:close()
    assert.equal(2, err.attempts)
    assert.matches("the proxy cannot be reached", err.message, 1, true)
  end)
end)

describe("of our headers", function()
  local credentials = "Proxy-Authorization: Basic "
    .. mime.b64(USER .. ":" .. PASSWORD)

  it("the proxy gets none, but its own credentials", function()
    local proxy = cut.new "HTTP/1.1 403 Forbidden\r\n\r\n"
    local client = client_of {
      retries = 0, headers = { ["X-Ours"] = "yes" },
      proxy = "http://" .. LOGIN .. "127.0.0.1:" .. proxy.port,
      application = { name = "app", version = "1.0" },
    }
    proxy:fail(client, "get_token", TOKEN)
    client:close()
    proxy:close()
    local host = secure:match "//(.*)"
    assert.equal(1, #proxy.heard)
    local heard = proxy.heard[1]
    assert.equal(1, (heard:find(
      ("CONNECT %s HTTP/1.1\r\nHost: %s\r\n"):format(host, host), 1, true)))
    assert.truthy(heard:find("\r\n" .. credentials .. "\r\n", 1, true), heard)
    for _, name in ipairs {
      "\nauthorization:", "av%-origin", "x%-ours", "upload",
    } do
      assert.is_nil(heard:lower():find(name), heard)
    end
    assert.equal("\r\n\r\n", heard:sub(-4))
  end)

  it("the service gets all, and none for the proxy", function()
    local port = place.free_port()
    local server = https(here, port, {})
    for _, url in ipairs {
      "http://" .. LOGIN .. guarded.address,
      "socks5h://" .. LOGIN .. guarded_socks.address,
    } do
      assert.equal(TOKEN, get {
        base_url = "https://127.0.0.1:" .. port, proxy = url,
      })
    end
    local received = server:close()
    assert.equal(2, #received)
    for _, request in ipairs(received) do
      assert.equal("Basic " .. mime.b64 "a_proxy_key:", request.authorization)
      assert.equal("", request.proxy_authorization)
      assert.equal("", request.proxy_connection)
      assert.truthy(request.origin:find "^lua:")
    end
  end)
end)

-- Variables, in processes of their own.

local SCRIPT = [[
local client = require "apivideo".new {
  api_key = "a_proxy_key", retries = 0, proxy = os.getenv "PROXY_OPTION",
}
local tokens = client.upload_tokens
local ok, result = pcall(tokens.get_token, tokens, "to1tcmSFHeYY5KzyhOqVKMKb")
print(ok and result.token or result.message)
]]

local CLEAN = "env"
for _, name in ipairs { "http_proxy", "https_proxy", "all_proxy", "no_proxy" } do
  CLEAN = ("%s -u %s -u %s"):format(CLEAN, name, name:upper())
end

-- What a process prints that calls a service and has these variables: LIVE is
-- a proxy, DEAD is none.
local function with(base_url, variables, ca_file)
  variables = variables:gsub("LIVE", tinyproxy.address):gsub("DEAD", nobody)
  return (service.run(("%s APIVIDEO_BASE_URL=%s SSL_CERT_FILE=%s %s"):format(
    CLEAN, base_url, ca_file or here:file "trusted.pem", variables), SCRIPT)
    :gsub("\n$", ""))
end

describe("the environment", function()
  for _, case in ipairs {
    { "https", "https_proxy=http://LIVE" },
    { "https", "HTTPS_PROXY=http://LIVE http_proxy=http://DEAD" },
    { "https", "all_proxy=LIVE" },
    { "https", "ALL_PROXY=http://LIVE no_proxy=example.test" },
  } do
    local variables = case[2]
    it("names the proxy for https: " .. variables, function()
      local before = tinyproxy:asked_for(secure_port, 0)
      assert.equal(TOKEN, with(secure, variables))
      assert.equal(before + 1, tinyproxy:asked_for(secure_port, before + 1))
    end)
  end

  -- Nothing of plain HTTP leaves this machine.
  for _, variables in ipairs {
    "http_proxy=http://LIVE", "all_proxy=http://LIVE",
    "HTTP_PROXY=http://LIVE https_proxy=http://LIVE ALL_PROXY=socks5://LIVE",
  } do
    it("names no proxy for http: " .. variables, function()
      local before = tinyproxy:asked_for(plain_port, 0)
      assert.equal(TOKEN, with(plain, variables))
      assert.equal(before, tinyproxy:asked_for(plain_port, before))
    end)
  end

  for _, case in ipairs {
    { "https", "https_proxy=http://DEAD" },
    { "https", "https_proxy=http://DEAD NO_PROXY=127.0.0.2,example.test" },
    { "https", "all_proxy=http://DEAD" },
    { "https", "PROXY_OPTION=http://DEAD NO_PROXY=*" },
    { "https", "PROXY_OPTION=http://DEAD https_proxy=http://LIVE" },
  } do
    local scheme, variables = case[1], case[2]
    it("leaves " .. scheme .. " to a dead proxy: " .. variables, function()
      local output = with(scheme == "https" and secure or plain, variables)
      assert.truthy(output:find "^get_token: connection: ", output)
      assert_dead_proxy(output)
    end)
  end

  -- The dead proxy would be noticed.
  for _, case in ipairs {
    { "https", "https_proxy=http://DEAD no_proxy=127.0.0.1" },
    { "https", "HTTPS_PROXY=http://DEAD NO_PROXY='example.test, 127.0.0.1'" },
    { "https", "all_proxy=http://DEAD NO_PROXY='*'" },
    { "http", "http_proxy=http://DEAD no_proxy=127.0.0.1" },
    { "https", "https_proxy=http://DEAD PROXY_OPTION=" },
    { "http", "all_proxy=http://DEAD PROXY_OPTION=" },
    { "https", "http_proxy=http://DEAD" },
    { "http", "https_proxy=http://DEAD" },
    -- A server that runs scripts sets it for a request's header "Proxy".
    { "http", "HTTP_PROXY=http://DEAD" },
    { "https", "https_proxy=http://DEAD PROXY_OPTION=http://LIVE" },
  } do
    local scheme, variables = case[1], case[2]
    it("keeps " .. scheme .. " from a dead proxy: " .. variables, function()
      assert.equal(TOKEN,
        with(scheme == "https" and secure or plain, variables))
    end)
  end

  it("is told of when its proxy is none, without the password", function()
    for proxy, problem in pairs {
      ["http://user:Hunter/2pw@proxy.example:3128"] = "is not the URL of a proxy",
      ["http://user:Hun ter2pw@proxy.example:3128"] = "is not the URL of a proxy",
      ["user:Hunter2pw@proxy.example:31x28"] = "is not the URL of a proxy",
      ["http://user:Hun@ter2pw@proxy.invalid:3128"] = false, -- newer libcurls take it
      ["foo://user:hunter2pw@proxy.example"] = "must start with http://",
    } do
      local output = with(secure, ("https_proxy='%s'"):format(proxy))
      assert.truthy(output:find("^get_token: connection: "), output)
      if problem then
        assert.truthy(output:find("the proxy that the environment names "
          .. problem, 1, true), output)
      end
      assert.is_nil(output:lower():find "hun", output)
      assert.is_nil(output:find("ter2", 1, true), output)
    end
  end)

  -- What a program prints of a proxy of the environment, and in which words.
  for _, variable in ipairs {
    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
  } do
    it("is named with its proxy where that may be to blame: " .. variable, function()
      local function output_of(url, ...)
        local output = with(secure, ("%s=%s"):format(variable, url), ...)
        assert_no_password(output)
        return output
      end
      local output = output_of("http://" .. LOGIN .. nobody)
      local words = ("; the way is through the proxy http://%s, from %s"):format(
        nobody, variable)
      assert.truthy(output:find("connection: .*", 1) and output:sub(-#words) == words, output)
      output = output_of("http://" .. narrow.address)
      assert.truthy(output:find("through the proxy http://" .. narrow.address, 1, true), output)
      output = output_of("http://" .. tinyproxy.address, here:file "unknown.pem")
      assert.matches("tls: .*; the way is through the proxy ", output)
      output = output_of("http://" .. LOGIN .. "x:y")
      assert.matches("the proxy that the environment names is not the URL of a proxy.*; it is from "
        .. variable .. "$", output)
    end)
  end

  it("is not named where its proxy is not on the way", function()
    for _, variables in ipairs {
      "https_proxy=http://DEAD PROXY_OPTION=", "https_proxy=http://DEAD NO_PROXY=127.0.0.1",
      "https_proxy=http://DEAD PROXY_OPTION=http://DEAD",
    } do
      local output = with("https://" .. nobody, variables)
      assert.truthy(output:find "connection: ", output)
      assert.is_nil(output:find("the way is", 1, true), output)
    end
    local output = with("http://" .. nobody, "http_proxy=http://DEAD all_proxy=http://DEAD")
    assert.is_nil(output:find("the way is", 1, true), output)
  end)

  it("does not need its proxy where it names an exception", function()
    assert.equal(TOKEN, with(secure, "https_proxy=foo://bar no_proxy=127.0.0.1"))
  end)

  it("keeps the password of its proxy to itself", function()
    for _, proxy in ipairs {
      "http://" .. LOGIN .. nobody, "http://" .. LOGIN .. narrow.address,
      "http://" .. ESCAPED .. "1" .. guarded.address,
      "socks5h://" .. USER .. ":canary.else@" .. guarded_socks.address,
    } do
      local output = with(secure, "APIVIDEO_LOG=debug https_proxy=" .. proxy)
      assert.truthy(output:find("get_token: connection: ", 1, true), output)
      assert_no_password(output)
    end
  end)
end)
