local apivideo = require "apivideo"
local faults = require "spec.support.faults"
local service = require "spec.support.service"
local socket = require "socket"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"
local TOKEN = {
  token = UNKNOWN, ttl = 0, createdAt = "2020-12-02T10:13:19+00:00",
}

-- Statuses and the kinds they become.
local KINDS = {
  [301] = "unexpected_status", [302] = "unexpected_status",
  [304] = "unexpected_status", [400] = "bad_request", [401] = "unauthorized",
  [403] = "forbidden", [404] = "not_found", [405] = "client_error",
  [408] = "client_error", [418] = "client_error", [429] = "too_many_requests",
  [500] = "server_error", [502] = "server_error", [503] = "server_error",
  [504] = "server_error", [599] = "server_error",
}

local RETRYABLE = {
  [408] = true, [429] = true, [500] = true, [502] = true, [503] = true,
  [504] = true,
}

local function with(fields)
  local copy = {}
  for name, value in pairs(TOKEN) do copy[name] = value end
  for name, value in pairs(fields) do copy[name] = value end
  return copy
end

-- Answers of success that are none, and what the message says of each.
local BROKEN = {
  { "an empty body", { body = "" }, "it is empty" },
  { "HTML", { body = "<html>hi</html>",
    headers = { ["Content-Type"] = "text/html" } }, "not labelled as JSON" },
  { "HTML labelled as JSON", { body = "<html>hi</html>" }, "it is not JSON" },
  { "half an object", { body = '{"token":"' }, "it is not JSON" },
  { "trailing bytes", { body = '{"token":"a"} x' }, "it is not JSON" },
  { "invalid UTF-8", { body = '{"token":"\255"}' }, "it is not UTF-8" },
  { "a list", { body = "[1, 2]" }, "a token has no valid token" },
  { "a string", { body = '"token"' }, "a token is not an object" },
  { "null", { body = "null" }, "a token is not an object" },
  { "too deep a nesting", { body = ("["):rep(257) .. ("]"):rep(257) },
    "it is not JSON" },
  { "no token", { body = { ttl = 1 } }, "a token has no valid token" },
  { "a token that is a number", { body = with { token = 5 } },
    "a token has no valid token" },
  { "a token with a slash", { body = with { token = "../x" } },
    "a token has no valid token" },
  { "a ttl that is a string", { body = with { ttl = "60" } },
    "a token has no valid ttl" },
  { "a ttl with a fraction", { body = with { ttl = 1.5 } },
    "a token has no valid ttl" },
  { "a negative ttl", { body = with { ttl = -1 } },
    "a token has no valid ttl" },
  { "an integer beyond 2^53",
    { body = '{"token":"abc","ttl":9007199254740994,"createdAt":""}' },
    "a token has no valid ttl" },
  { "a number beyond all",
    { body = '{"token":"abc","ttl":1e999}' },
    "a token has no valid ttl" },
  { "no createdAt", { body = { token = UNKNOWN, ttl = 0 } },
    "a token has no valid createdAt" },
  { "an expiresAt that is a number", { body = with { expiresAt = 1 } },
    "a token has no valid expiresAt" },
}

local BROKEN_PAGES = {
  { "no data", { body = { pagination = {} } }, "data is not a list" },
  { "data that is an object", { body = '{"data":{"a":1}}' },
    "data is not a list" },
  { "data with null", { body = '{"data":[null],"pagination":{'
    .. '"currentPage":1,"currentPageItems":1,"pageSize":25,"pagesTotal":1,'
    .. '"itemsTotal":1,"links":[]}}' }, "a token is not an object" },
  { "one bad token", { body = { data = { TOKEN, { ttl = 1 } } } },
    "a token has no valid token" },
  { "nothing, although pages follow", { body = '{"data":[],"pagination":{'
    .. '"currentPage":1,"currentPageItems":0,"pageSize":25,"pagesTotal":5,'
    .. '"itemsTotal":10,"links":[]}}' }, "the page lacks some of its items" },
  { "totals that nobody can have", { body = '{"data":[],"pagination":{'
    .. '"currentPage":1,"currentPageItems":0,"pageSize":25,'
    .. '"pagesTotal":3000000000,"itemsTotal":0,"links":[]}}' },
    "the pagination has no valid totals" },
  { "no pagination", { body = { data = { TOKEN } } },
    "there is no pagination" },
  { "a pagination without totals",
    { body = { data = { TOKEN }, pagination = { itemsTotal = 1 } } },
    "the pagination has no valid totals" },
}

describe("a call that failed", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end, { retries = 0 })

  for status, kind in pairs(KINDS) do
    it(("is %s for status %d"):format(kind, status), function()
      service.faults { { status = status, body = "" } }
      local err = service.failure(tokens.get_token, tokens, UNKNOWN)
      assert.equal(kind, err.kind)
      assert.equal(status, err.status)
      assert.equal(RETRYABLE[status] or false, err.retryable)
      assert.equal(status, err.response.status)
    end)
  end

  it("has every field that the answer had", function()
    service.faults { {
      status = 400,
      headers = { ["Content-Type"] = "application/problem+json" },
      body = {
        type = "https://docs.api.video/reference/invalid-attribute",
        title = "Invalid attributes.", status = 400, name = "ttl",
        detail = "It is too short.",
        problems = { { type = "t", title = "Too short.", name = "ttl" } },
      },
    } }
    local err = service.failure(tokens.create_token, tokens, { ttl = 1 })
    assert.equal("https://docs.api.video/reference/invalid-attribute", err.type)
    assert.equal("Invalid attributes.", err.title)
    assert.equal("ttl", err.name)
    assert.equal("It is too short.", err.detail)
    assert.same({ { type = "t", title = "Too short.", name = "ttl" } },
      err.problems)
    assert.equal("create_token", err.operation)
    assert.equal(1, err.attempts)
    assert.is_true(err.elapsed > 0 and err.elapsed < 10)
    assert.is_false(err.ambiguous)
  end)

  it("is a readable line", function()
    local err = service.failure(tokens.get_token, tokens, UNKNOWN)
    assert.equal(
      "get_token: not_found: The requested resource was not found. "
        .. "(parameter uploadToken) (GET /upload-tokens/to1t…MKb, status 404)",
      tostring(err))
    assert.equal(err.message, tostring(err))
  end)

  it("joins texts as its message", function()
    local err = service.failure(tokens.get_token, tokens, UNKNOWN)
    local other = service.failure(tokens.delete_token, tokens, "absent")
    assert.equal("failed: " .. err.message, "failed: " .. err)
    assert.equal(err.message .. "\n", err .. "\n")
    assert.equal(err.message .. 404, err .. 404)
    assert.equal(err.message .. other.message, err .. other)
    assert.equal("1: " .. err.message .. "!", 1 .. ": " .. err .. "!")
  end)

  it("joins nothing that is no text", function()
    local err = service.failure(tokens.get_token, tokens, UNKNOWN)
    for _, value in ipairs { true, {}, print } do
      local words =
        "errors_spec.lua:%d+: attempt to concatenate a " .. type(value)
      assert.matches(words,
        service.misuse(function() return err .. value end))
      assert.matches(words,
        service.misuse(function() return value .. err end))
    end
    local own = setmetatable({}, {
      __concat = function(a, b) return type(a) .. " " .. type(b) end,
    })
    assert.equal("string table", err .. own)
  end)

  it("lists the problems in its line", function()
    service.faults { { status = 400, body = {
      title = "Invalid attributes.", name = "ttl", problems = {
        { name = "ttl", title = "Too short." },
        { name = "size", title = "Too large." },
      },
    } } }
    local err = service.failure(tokens.create_token, tokens)
    assert.equal(
      "create_token: bad_request: Invalid attributes. (ttl: Too short.) "
        .. "(size: Too large.) (POST /upload-tokens, status 400)",
      err.message)
  end)

  it("says the beginning of an answer that is no problem JSON", function()
    service.faults { { status = 502, body = "<h1>Bad\r\nGateway</h1>",
      headers = { ["Content-Type"] = "text/html" } } }
    local err = service.failure(tokens.list, tokens)
    assert.equal(
      "list: server_error: no reason was given, it starts with: "
        .. "<h1>Bad  Gateway</h1> (GET /upload-tokens, status 502)",
      err.message)
  end)

  it("names where the service points to, and nobody follows", function()
    for _, status in ipairs { 301, 302, 303, 307, 308 } do
      service.reset()
      service.faults { { status = status, body = "<html>moved</html>", headers = {
        Location = "https://api.example.com/v2/upload-tokens/to1tcmSFHeYY5KzyhOqVKMKb" } } }
      local err = service.failure(tokens.get_token, tokens, "to1tcmSFHeYY5KzyhOqVKMKb")
      assert.equal("get_token: unexpected_status: the service points to "
        .. "https://api.example.com/v2/upload-tokens/to1t…MKb, and no redirect is followed "
        .. ("(GET /upload-tokens/to1t…MKb, status %d)"):format(status), err.message)
      assert.is_false(err.retryable)
      assert.equal(1, #service.requests())
    end
  end)

  it("shows no password of where a redirect points to", function()
    for _, place in ipairs { "https://u:hunter2@portal.example/", "//u:hunter2@portal.example/" } do
      service.faults { { status = 302, body = "", headers = { Location = place } } }
      local err = service.failure(tokens.list, tokens)
      assert.matches("//…@portal.example/", err.message, 1, true)
      assert.is_nil(err.message:find "hunter2")
    end
  end)

  it("says so where a redirect points nowhere", function()
    service.faults { { status = 302, body = "" } }
    local err = service.failure(tokens.list, tokens)
    assert.matches("no reason was given, and the answer is empty", err.message)
  end)

  it("names an encoding that nobody asked for, and shows none of its bytes", function()
    local gzip = "\31\139\8\0\0\0\0\0\0\3\171V*)\201"
    for status, words in pairs {
      [200] = "the answer is not what was promised: it is not UTF-8", [403] = "no reason was given",
    } do
      service.faults { { status = status, body = gzip, headers = {
        ["Content-Encoding"] = "gzip", ["Content-Type"] = "application/json" } } }
      local err = service.failure(tokens.list, tokens)
      assert.truthy(err.message:find(words
        .. ", and the answer is encoded as gzip, which nobody asked for (GET", 1, true), err.message)
    end
    for _, request in ipairs(service.requests()) do
      assert.equal("identity", request.headers["accept-encoding"])
    end
  end)

  local WAITS = {
    { "the end of the window for 429", 17,
      { status = 429, headers = { ["X-RateLimit-Retry-After"] = "17" } } },
    { "Retry-After", 9,
      { status = 503, headers = { ["Retry-After"] = "9" } } },
    { "Retry-After in fractions, rounded up", 3,
      { status = 503, headers = { ["Retry-After"] = "2.5" } } },
    { "Retry-After with a fraction that is none", 2,
      { status = 503, headers = { ["Retry-After"] = "2.0" } } },
    { "Retry-After as a date, by the clock of the answer", 30,
      { status = 503, headers = {
        ["Date"] = "Sun, 06 Nov 1994 08:49:37 GMT",
        ["Retry-After"] = "Sun, 06 Nov 1994 08:50:07 GMT",
      } } },
    { "nothing when the wait is none", nil,
      { status = 503, headers = { ["Retry-After"] = "12abc" } } },
    { "nothing when the window is not used up", nil,
      { status = 404, headers = { ["X-RateLimit-Retry-After"] = "17" } } },
  }

  for _, case in ipairs(WAITS) do
    local name, wait, fault = case[1], case[2], case[3]
    it("says when to come back: " .. name, function()
      service.faults { fault }
      local err = service.failure(tokens.list, tokens)
      assert.equal(wait, err.retry_after)
    end)
  end

  for _, case in ipairs(BROKEN) do
    local name, fault, words = case[1], case[2], case[3]
    it("is protocol for " .. name, function()
      fault.status = 200
      service.faults { fault, fault }
      local err = service.failure(tokens.get_token, tokens, UNKNOWN)
      assert.equal("protocol", err.kind)
      assert.equal(200, err.status)
      assert.is_false(err.ambiguous)
      assert.truthy(err.message:find(words, 1, true), err.message)
      err = service.failure(tokens.create_token, tokens)
      assert.equal("protocol", err.kind)
      assert.is_true(err.ambiguous)
      assert.same({}, tokens:list().data) -- the client goes on
    end)
  end

  for _, case in ipairs(BROKEN_PAGES) do
    local name, fault, words = case[1], case[2], case[3]
    it("is protocol for a page with " .. name, function()
      fault.status = 200
      service.faults { fault }
      local err = service.failure(tokens.list, tokens)
      assert.equal("protocol", err.kind)
      assert.truthy(err.message:find(words, 1, true), err.message)
    end)
  end

  it("is protocol for an answer beyond max_response_bytes", function()
    local small = service.client { max_response_bytes = 100 }
    service.make_tokens(5, 60)
    local err = service.failure(
      small.upload_tokens.list, small.upload_tokens)
    assert.equal("protocol", err.kind)
    assert.equal(200, err.status)
    assert.truthy(err.message:find("max_response_bytes", 1, true))
    small:close()
  end)

  it("quotes at most 256 bytes of an answer", function()
    service.faults { { status = 200, body = ("x y "):rep(1000) } }
    local err = service.failure(tokens.list, tokens)
    assert.is_true(#err.message < 256 + 200, #err.message)
  end)

  it("masks what looks like a credential in an answer", function()
    service.faults { { status = 200, body = "key: abcdEFGH1234ijkl5678zzz." } }
    local err = service.failure(tokens.list, tokens)
    assert.is_nil(err.message:find("abcdEFGH1234ijkl5678zzz", 1, true))
    assert.truthy(err.message:find("key: abcd…zzz.", 1, true), err.message)
  end)

  it("is connection when nobody listens", function()
    local server = assert(socket.bind("127.0.0.1", 0))
    local _, port = server:getsockname()
    server:close()
    local lonely = service.client { base_url = "http://127.0.0.1:" .. port }
    local err = service.failure(
      lonely.upload_tokens.create_token, lonely.upload_tokens)
    assert.equal("connection", err.kind)
    assert.is_false(err.ambiguous) -- it never left
    assert.is_true(err.retryable)
    assert.is_nil(err.status)
    assert.is_nil(err.response)
    lonely:close()
  end)

  it("is connection when the host has no address", function()
    local lost = service.client { base_url = "https://host.invalid" }
    local err = service.failure(lost.upload_tokens.list, lost.upload_tokens)
    assert.equal("connection", err.kind)
    assert.truthy(err.message:find("host.invalid", 1, true), err.message)
    lost:close()
  end)

  it("is connection and ambiguous when the answer to create is lost", function()
    service.faults { { close = true } }
    local err = service.failure(tokens.create_token, tokens)
    assert.equal("connection", err.kind)
    assert.is_true(err.ambiguous)
  end)

  it("ends a create after one request, also on a reused connection", function()
    tokens:list()
    service.faults { { close = true, times = 3 } }
    local err = service.failure(tokens.create_token, tokens)
    assert.equal("connection", err.kind)
    assert.is_true(err.ambiguous)
    local posts = 0
    for _, request in ipairs(service.requests()) do
      if request.method == "POST" then posts = posts + 1 end
    end
    assert.equal(1, posts)
  end)

  it("ends a delete after one request, also on a reused connection", function()
    local token = tokens:create_token()
    service.faults { { close = true, after = true,
      match = { method = "DELETE", path = "/upload-tokens/*" } } }
    local err = service.failure(tokens.delete_token, tokens, token.token)
    assert.equal("connection", err.kind)
    local deletes = 0
    for _, request in ipairs(service.requests()) do
      if request.method == "DELETE" then deletes = deletes + 1 end
    end
    assert.equal(1, deletes)
  end)

  it("is timeout at the deadline", function()
    local silent = assert(socket.bind("127.0.0.1", 0))
    local _, port = silent:getsockname()
    local slow = service.client { base_url = "http://127.0.0.1:" .. port }
    local err = service.failure(
      slow.upload_tokens.list, slow.upload_tokens, nil, { timeout = 0.2 })
    assert.equal("timeout", err.kind)
    assert.is_true(err.elapsed >= 0.2, err.elapsed)
    assert.is_true(err.elapsed < 0.2 + faults.LATE, err.elapsed)
    assert.truthy(err.message:find("no answer within 0.2 s", 1, true))
    slow:close()
    silent:close()
  end)

  it("is closed after close", function()
    client:close()
    local err = service.failure(tokens.list, tokens)
    assert.equal("closed", err.kind)
    assert.equal("list: closed: the client is closed", err.message)
    assert.equal(0, err.attempts)
  end)

  it("is told from other values by is_error", function()
    local err = service.failure(tokens.get_token, tokens, UNKNOWN)
    assert.is_true(apivideo.is_error(err))
    for _, other in ipairs { "text", 5, {}, setmetatable({}, {}), print } do
      assert.is_false(apivideo.is_error(other))
    end
    assert.is_false(apivideo.is_error(nil))
  end)
end)
