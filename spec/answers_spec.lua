-- Answers as bytes, where it matters how they are written.

local faults = require "spec.support.faults"

local TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"
local BODY = ('{"token":"%s","ttl":0,"createdAt":"2020"}'):format(TOKEN)

-- What an operation (get_token) makes of these bytes, and of what follows them
-- (a step of the fault server): ok, its value or error, its response.
local function receive(bytes, operation, then_)
  local case = {
    operation = operation or "get_token", timeout = then_ and 0.3 or 5,
    retries = 0, script = { { { "send", bytes }, { then_ or "close" } } },
  }
  faults.run { case }
  local outcome = case.outcome
  return outcome.ok, outcome.value or outcome.err, outcome.response
end

local function answer(head, body)
  body = body or BODY
  return receive(
    ("%s\r\nContent-Length: %d\r\n\r\n%s"):format(head, #body, body))
end

local function fails(kind, ok, err)
  assert.is_false(ok)
  assert.equal(kind, err.kind, err.message)
  return err
end

describe("an answer", function()
  it("is taken as it should be", function()
    local ok, token = answer "HTTP/1.1 200 OK"
    assert.is_true(ok)
    assert.equal(TOKEN, token.token)
  end)

  it("may name its type in any case, with parameters", function()
    local ok = answer
      "HTTP/1.1 200 OK\r\nContent-Type: Application/Problem+JSON; charset=x"
    assert.is_true(ok)
  end)

  it("may come after provisional ones", function()
    local ok, _, response = answer
      "HTTP/1.1 103 Early Hints\r\nX-Early: a\r\n\r\nHTTP/1.1 200 OK\r\nX-B: b"
    assert.is_true(ok)
    assert.is_nil(response.headers["x-early"])
    assert.equal("b", response.headers["x-b"])
  end)

  it("is none when only a provisional one came", function()
    local err = fails("connection", receive(
      "HTTP/1.1 103 Early Hints\r\nX-Early: a\r\n\r\n"))
    assert.is_nil(err.status)
    assert.is_nil(err.response)
  end)

  it("does not forget its headers for one that looks like a status", function()
    fails("protocol", answer
      "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nHTTP/9: x")
  end)

  it("has no headers that are none", function()
    local _, _, response = answer
      "HTTP/1.1 200 OK\r\nX-A: one\r\n two: three\r\nX-B: four"
    assert.is_nil(response.headers[" two"])
    assert.equal("four", response.headers["x-b"])
  end)

  it("joins the values of a header that comes several times", function()
    local _, _, response = answer
      "HTTP/1.1 200 OK\r\nX-A: one\r\nX-B: x\r\nx-a: two"
    assert.equal("one, two", response.headers["x-a"])
  end)

  it("is not a part of a range", function()
    local err = fails("unexpected_status", answer
      "HTTP/1.1 206 Partial Content")
    assert.equal(206, err.status)
  end)

  it("is protocol when it is cut off, and is quoted", function()
    local err = fails("protocol", receive(
      "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"half\":"))
    assert.equal(200, err.status)
    assert.truthy(err.message:find('it starts with: {"half":', 1, true))
  end)

  it("is protocol when its chunks are broken", function()
    local err = fails("protocol", receive(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"))
    assert.equal(200, err.status)
  end)

  it("is protocol when its headers do not end", function()
    local flood = ("X-Flood: " .. ("x"):rep(1000) .. "\r\n"):rep(100)
    fails("protocol", receive(
      "HTTP/1.1 200 OK\r\n" .. flood))
  end)

  it("is protocol when it is no HTTP", function()
    fails("protocol", receive("hello\r\n\r\n"))
  end)

  it("is protocol when a name comes twice in two spellings", function()
    for _, spelling in ipairs { "created_at", "\\u0063reated_at" } do
      local body = BODY:gsub("}$", (',"%s":"2021"}'):format(spelling))
      local err = fails("protocol", answer("HTTP/1.1 200 OK", body))
      assert.truthy(err.message:find("a name comes twice", 1, true))
    end
  end)

  it("is protocol soon, however many colons it has", function()
    local from = os.clock()
    fails("protocol", answer("HTTP/1.1 200 OK", '{"a"' .. (":"):rep(2 ^ 20)))
    assert.is_true(os.clock() - from < 10) -- or it takes minutes
  end)

  it("is protocol when an integer may be another one", function()
    local body = BODY:gsub('"ttl":0', '"ttl":9007199254740993')
    fails("protocol", answer("HTTP/1.1 200 OK", body))
  end)

  it("is quoted without tokens that hold hyphens", function()
    local secret = "to1tcmSFHeYY-5KzyhOqVKMKb-x"
    local err = fails("protocol", answer(
      "HTTP/1.1 200 OK", ('{"token":"%s"}'):format(secret)))
    assert.is_nil(err.message:find("5KzyhOq", 1, true), err.message)
  end)

  it("leaves what looks like no secret readable", function()
    local type = "https://docs.api.video/reference/"
      .. "authentication-invalid-user-credentials"
    local err = fails("bad_request", answer(
      "HTTP/1.1 400 Bad", ('{"type":"%s","title":"No."}'):format(type)))
    assert.equal(type, err.type)
    err = fails("bad_request", answer("HTTP/1.1 400 Bad",
      '{"title":"SSL_ERROR_SYSCALL in SSL_CTX_LOAD_VERIFY_LOCATIONS"}'))
    assert.equal(
      "SSL_ERROR_SYSCALL in SSL_CTX_LOAD_VERIFY_LOCATIONS", err.title)
  end)

  it("is none when the protocol is to be changed", function()
    local err = fails("protocol", receive(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nbytes",
      "create_token"))
    assert.is_true(err.ambiguous)
  end)

  it("to a create is ambiguous unless it refuses", function()
    for head, ambiguous in pairs {
      ["206 Partial Content"] = true, ["299 Odd"] = true, ["500 No"] = true,
      ["503 No"] = true, ["302 Found"] = false, ["409 Conflict"] = false,
    } do
      local _, err = receive(("HTTP/1.1 %s\r\nContent-Length: 2\r\n\r\n{}"):format(
        head), "create_token")
      assert.equal(ambiguous, err.ambiguous, head)
    end
  end)

  it("has no headers behind its body", function()
    local body = ("%x\r\n%s\r\n0\r\n"):format(#BODY, BODY)
    local ok, _, response = receive("HTTP/1.1 200 OK\r\nX-A: one\r\n"
      .. "Transfer-Encoding: chunked\r\n\r\n" .. body
      .. "HTTP/1.1 500 x: y\r\nX-A: two\r\nX-B: three\r\n\r\n")
    assert.is_true(ok)
    assert.equal("one", response.headers["x-a"])
    assert.is_nil(response.headers["x-b"])
  end)

  it("says when to come back, also when its body never comes", function()
    local err = fails("timeout", receive("HTTP/1.1 503 No\r\nRetry-After: 77"
      .. "\r\nContent-Length: 5\r\n\r\n", "list", "hang"))
    assert.equal(77, err.retry_after)
    assert.equal(503, err.status)
  end)

  it("says when to come back with the last of many waits", function()
    local many = ("Retry-After: Sun Nov  6 08:49:37 9999\r\n"):rep(1000)
    local before = os.clock()
    local err = fails("server_error", receive("HTTP/1.1 503 No\r\n" .. many
      .. "Retry-After: 8\r\nContent-Length: 0\r\n\r\n", "list"))
    assert.equal(8, err.retry_after)
    assert.is_true(os.clock() - before < 1)
  end)
end)
