local apivideo = require "apivideo"
local service = require "spec.support.service"

local NAN = 0 / 0
local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

-- Every row: method, arguments, and what the message must hold.
local CASES = {
  { "create_token", { { ttl = -1 } }, "ttl must be an integer from 0 to 2147483647, got -1" },
  { "create_token", { { ttl = 2147483648 } }, "ttl must be an integer from 0 to 2147483647, got 2147483648" },
  { "create_token", { { ttl = 3.5 } }, "got 3.5" },
  { "create_token", { { ttl = NAN } }, "got nan" },
  { "create_token", { { ttl = math.huge } }, "got inf" },
  { "create_token", { { ttl = 1e300 } }, "got 1e+300" },
  { "create_token", { { ttl = "60" } }, 'got "60"' },
  { "create_token", { { ttl = true } }, "got true" },
  { "create_token", { { ttl = {} } }, "got table" },
  { "create_token", { { tll = 1 } }, 'unknown option "tll"; did you mean "ttl"?' },
  { "create_token", { { lifetime = 1 } }, 'unknown option "lifetime"; known are ttl)' },
  { "create_token", { { 60 } }, "options have names, got the key 1" },
  { "create_token", { { [true] = 1 } }, "options have names, got the key true" },
  { "create_token", { { TTL = 60 } }, 'unknown option "TTL"; did you mean "ttl"?' },
  { "create_token", { { lt = 60 } }, 'unknown option "lt"; known are ttl)' },
  { "create_token", { { timeout = 5 } }, '"timeout" is a call option: give it in the table behind)' },
  { "create_token", { { ttl = 60, retries = 0 } }, '"retries" is a call option: give it in the table behind)' },
  { "create_token", { 60 }, "the payload must be a table such as { ttl = 3600 }, got a number" },
  { "get_token", {}, "the upload token must be a string, got nil" },
  { "get_token", { 12 }, "the upload token must be a string, got 12" },
  { "get_token", { "" }, 'an upload token is 1 to 128 of A-Z a-z 0-9 _ -, got ""' },
  { "get_token", { ".." }, 'got ".."' },
  { "get_token", { "a/b" }, 'got "a/b"' },
  { "get_token", { "a?b" }, 'got "a?b"' },
  { "get_token", { "a%2fb" }, 'got "a%2fb"' },
  { "get_token", { "a\0b" }, 'got "a b"' },
  { "get_token", { "a\r\nb" }, 'got "a  b"' },
  { "get_token", { "\255" }, 'got "?"' },
  { "get_token", { ("a"):rep(129) }, "1 to 128 of" },
  { "delete_token", { "a b" }, 'got "a b"' },
  { "list", { "asc" }, "the query must be a table such as { page_size = 100 }" },
  { "list", { { sort_by = "name" } }, 'sort_by must be "created_at" or "ttl", got "name"' },
  { "list", { { sort_by = 1 } }, "sort_by must be a string, got 1" },
  { "list", { { sort_order = "up" } }, 'sort_order must be "asc" or "desc", got "up"' },
  { "list", { { current_page = 0 } }, "current_page must be an integer from 1" },
  { "list", { { page_size = 0 } }, "page_size must be an integer from 1 to 100, got 0" },
  { "list", { { page_size = 101 } }, "got 101" },
  { "list", { { page = 1 } }, 'unknown option "page"; known are sort_by, sort_order, current_page, page_size)' },
  { "list", { { pageSize = 10 } }, 'did you mean "page_size"?' },
  { "list", { { pagesize = 10 } }, 'did you mean "page_size"?' },
  { "list", { { page_size = 5, timeout = 3 } }, '"timeout" is a call option: give it in the table behind)' },
  { "list", { { headers = {} } }, '"headers" is a call option: give it in the table behind)' },
  { "list", { {}, { 5 } }, "options have names, got the key 1" },
  { "list", { {}, { timeout = 0 } }, "timeout must be a number of seconds above 0" },
  { "list", { {}, { timeout = NAN } }, "got nan" },
  { "list", { {}, { timeout = math.huge } }, "got inf" },
  { "list", { {}, { timeout = "1" } }, 'got "1"' },
  { "list", { {}, { timeot = 1 } }, 'did you mean "timeout"?' },
  { "list", { {}, { retries = -1 } }, "retries must be an integer from 0 to 100, got -1" },
  { "list", { {}, 5 }, "call options must be a table, got a number" },
  { "list", { {}, { headers = "x" } }, "headers must be a table" },
  { "list", { {}, { headers = { Authorization = "x" } } }, 'the header "Authorization" is set by the library' },
  { "list", { {}, { headers = { host = "x" } } }, 'the header "host" is set by the library' },
  { "list", { {}, { headers = { ["a b"] = "x" } } }, '"a b" is not a header name' },
  { "list", { {}, { headers = { a = "x\r\nb: y" } } }, 'the header "a" must be UTF-8 without control characters' },
  { "list", { {}, { headers = { a = 1 } } }, "headers must be strings with strings as names" },
  { "pages", { { page_size = 0 } }, "page_size must be an integer from 1 to 100, got 0" },
  { "pages", { { prefetch = -1 } }, "prefetch must be an integer from 0 to 100, got -1" },
  { "pages", { { timeout = 5 } }, '"timeout" is a call option: give it in the table behind)' },
  { "pages", { { "asc" } }, "options have names, got the key 1" },
  { "iterate", { { retries = 0 } }, '"retries" is a call option: give it in the table behind)' },
  { "iterate", { { prefech = 1 } }, 'did you mean "prefetch"?' },
  { "iterate", { { current_page = 2 } }, 'unknown option "current_page"' },
  { "iterate", { { sort_by = "name" } }, 'sort_by must be "created_at" or "ttl", got "name"' },
  { "iterate", { 5 }, "options must be a table, got a number" },
  { "iterate", { {}, { timeout = -1 } }, "timeout must be a number of seconds above 0" },
}

local NEW_CASES = {
  { { api_kee = "x" }, 'unknown option "api_kee"; did you mean "api_key"?' },
  { { atuh = "basic" }, 'did you mean "auth"?' },
  { { API_KEY = "x" }, 'unknown option "API_KEY"; did you mean "api_key"?' },
  { { apiKey = "x" }, 'unknown option "apiKey"; did you mean "api_key"?' },
  { { "key" }, "options have names, got the key 1" },
  { { [false] = "key" }, "options have names, got the key false" },
  { { application = { "x" } }, "options have names, got the key 1" },
  { { api_key = "" }, "api_key must not be empty" },
  { { api_key = "key\n" }, "api_key must be UTF-8 without control characters or line ends" },
  { { api_key = "a:b" }, "api_key must not hold a colon" },
  { { api_key = 5 }, "api_key must be a string, got 5" },
  { { environment = "staging" }, 'environment must be "production" or "sandbox", got "staging"' },
  { { api_key = false }, "api_key must be a string, got false" },
  { { base_url = false }, "base_url must be a string, got false" },
  { { base_url = "http://ws.api.video" }, "base_url must start with https:// (http:// is for loopback hosts only)" },
  { { base_url = "http://127.0.0.1.example.com" }, "base_url must start with https://" },
  { { base_url = "ftp://127.0.0.1" }, "base_url must start with https://" },
  { { base_url = "https://user:pass@ws.api.video" }, "base_url must not hold a user name or password" },
  { { base_url = "https://ws.api.video/?a" }, "base_url must not have a query or fragment" },
  { { base_url = "https://ws api" }, "base_url is not a URL" },
  { { base_url = "https://ws%FFapi" }, "base_url is not a URL" },
  { { base_url = "https://ws.api.video/#" }, "base_url must not have a query or fragment" },
  { { proxy = "foo://user:hunter2@h" }, "proxy must start with http://, https:// or socks5://" },
  { { proxy = "http://user:hunter2@h:99999" }, "proxy is not the URL of a proxy" },
  { { proxy = "a b" }, "proxy is not the URL of a proxy" },
  { { ca_file = "\255" }, "ca_file must be UTF-8" },
  { { ca_file = "" }, 'ca_file must be the path of a PEM bundle, got "": leave it out for the system\'s' },
  { { base_url = "" }, 'base_url must be a URL such as https://ws.api.video, got "": leave it out for the default' },
  { setmetatable({}, { __index = { ca_file = "" } }), 'ca_file must be the path of a PEM bundle, got ""' },
  { { proxy = " " }, "proxy is not the URL of a proxy" },
  { { headers = { ["X-A"] = "\255" } }, 'the header "X-A" must be UTF-8' },
  { { auth = "digest" }, 'auth must be "basic" or "bearer", got "digest"' },
  { { driver = "fast" },
    'driver must be "auto", "block", "step", "ngx" or "luv", got "fast"' },
  { { timeout = -1 }, "timeout must be a number of seconds above 0 and up to 1000000, got -1" },
  { { connect_timeout = 0 }, "connect_timeout must be a number of seconds above 0" },
  { { retries = 1.5 }, "retries must be an integer from 0 to 100, got 1.5" },
  { { max_connections = 0 }, "max_connections must be an integer from 1 to 10000, got 0" },
  { { max_response_bytes = 0 }, "max_response_bytes must be an integer from 1" },
  { { application = "x" }, 'application and sdk are { name = …, version = … }, got a string' },
  { { application = { name = "x" } }, "application.version must be like 1, 1.2 or 1.2.3, got nil" },
  { { application = { name = "x", version = 1.2 } }, "(application.version must be a string, got 1.2)" },
  { { sdk = { name = 5, version = "1" } }, "(sdk.name must be a string, got 5)" },
  { { application = { name = "a b", version = "1" } }, "application.name must be 1 to 50 of" },
  { { application = { name = "a", version = "1.2.3.4" } }, "application.version must be like" },
  { { sdk = { name = "a", version = "1.2\n" } }, "version must be UTF-8 without control characters" },
  { { sdk = { version = "1" } }, "sdk.name must be 1 to 50 of" },
  { { base_url = "https:///ws.api.video" }, "base_url is not a URL" },
  { { log = "debug" }, 'log must be a function, got "debug"' },
  { { headers = { ["Content-Length"] = "3" } }, 'the header "Content-Length" is set by the library' },
  { { headers = { ["Transfer-Encoding"] = "x" } }, 'the header "Transfer-Encoding" is set by the library' },
  { "key", "options must be a table, got a string" },
}

describe("misuse", function()
  local client

  service.with_client(function(...) client = ... end)

  for _, case in ipairs(CASES) do
    local method, arguments, expected = case[1], case[2], case[3]
    it(method .. " says: " .. expected, function()
      local tokens = client.upload_tokens
      local unpack = table.unpack or unpack
      local message = service.misuse(tokens[method], tokens, unpack(arguments))
      assert.truthy(message:find(expected, 1, true), message)
      assert.truthy(message:find("'" .. method .. "'", 1, true), message)
      assert.same({}, service.requests())
    end)
  end

  for _, case in ipairs(NEW_CASES) do
    it("new says: " .. case[2], function()
      local message = service.misuse(apivideo.new, case[1])
      assert.truthy(message:find(case[2], 1, true), message)
      assert.truthy(message:find("bad argument #1 to 'new'", 1, true), message)
    end)
  end

  it("refuses more headers than anybody needs", function()
    local headers = {}
    for i = 1, 65 do headers["X-" .. i] = "x" end
    local message = service.misuse(apivideo.new, { headers = headers })
    assert.truthy(message:find("at most 64 headers", 1, true), message)
  end)

  it("names the line of the caller", function()
    local tokens = client.upload_tokens
    local line = debug.getinfo(1, "l").currentline
    local message = service.misuse(function()
      local token = tokens:create_token { ttl = -1 }
      return token
    end)
    local expected = ("misuse_spec.lua:%d: bad argument #1"):format(line + 2)
    assert.truthy(message:find(expected, 1, true), message)
  end)

  it("names the line of the caller of an iterator", function()
    local tokens = client.upload_tokens
    local line = debug.getinfo(1, "l").currentline
    local message = service.misuse(function()
      for _ in tokens:iterate { page_size = 0 } do break end
    end)
    local expected = ("misuse_spec.lua:%d: "):format(line + 2)
    assert.truthy(message:find(expected, 1, true), message)
  end)

  it("never shows a whole upload token", function()
    local tokens = client.upload_tokens
    local message = service.misuse(tokens.get_token, tokens, UNKNOWN .. "\n")
    assert.is_nil(message:find(UNKNOWN, 1, true))
    assert.truthy(message:find("to1t…", 1, true), message)
  end)

  it("says that a method needs a colon", function()
    local tokens = client.upload_tokens
    for _, method in ipairs {
      "create_token", "get_token", "delete_token", "list", "pages", "iterate",
    } do
      local message = service.misuse(tokens[method], {})
      local expected = ("calling '%s' needs a colon: client.upload_tokens:%s(…)")
      assert.truthy(message:find(expected:format(method, method), 1, true))
    end
    local message = service.misuse(client.close)
    assert.truthy(message:find("needs a colon: client:close()", 1, true))
  end)

  it("says that new needs a dot", function()
    local message = service.misuse(apivideo.new, apivideo, {})
    assert.truthy(message:find("with a dot: apivideo.new(options)", 1, true))
  end)

  it("lists the known options when none is near", function()
    local message = service.misuse(apivideo.new, { xyz = 1 })
    assert.truthy(message:find("known are auth, driver, log, api_key", 1, true))
  end)

  for _, case in ipairs {
    { "APIVIDEO_BASE_URL", "ws.api.video", "base_url must start with https://" },
    { "APIVIDEO_BASE_URL", "http://ws.api.video", "base_url must start with "
      .. "https:// (http:// is for loopback hosts only)" },
    { "APIVIDEO_API_KEY", "a:key", "api_key must not hold a colon" },
    { "APIVIDEO_API_KEY", "'key '$(printf '\\001')", "api_key must be UTF-8 "
      .. "without control characters or line ends" },
  } do
    local variable, value, expected = case[1], case[2], case[3]
    it("tells where it is from: " .. variable .. "=" .. value, function()
      local output = service.run(variable .. "=" .. value, [[
        print(select(2, pcall(require("apivideo").new)))
      ]])
      assert.truthy(output:find("bad argument #1 to 'new' (" .. expected
        .. "; it is from " .. variable .. ")\n", 1, true), output)
    end)
  end

  it("does not blame a variable for what an option says", function()
    local output = service.run("APIVIDEO_BASE_URL=ws.api.video", [[
      local new = require("apivideo").new
      print(select(2, pcall(new, { base_url = "x" })))
      print(select(2, pcall(new, { retries = -1, base_url = "https://x" })))
    ]])
    assert.is_nil(output:find("it is from", 1, true), output)
  end)

  it("needs no debug library", function()
    local output = service.run("", [[
      debug = nil
      local tokens = require("apivideo").new().upload_tokens
      print(pcall(tokens.iterate, tokens, 5))
    ]])
    assert.equal("false\tbad argument #1 to 'iterate' "
      .. "(options must be a table, got a number)\n", output)
  end)

  it("leaves the client usable", function()
    local tokens = client.upload_tokens
    service.misuse(tokens.get_token, tokens, "..")
    assert.equal(0, tokens:create_token().ttl)
  end)
end)
