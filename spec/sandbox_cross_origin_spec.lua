-- The promises of the sandbox to pages of other origins, which may upload
-- with a token and do nothing else.
local sandbox = require "spec.support.sandbox_http"

local ORIGIN = "https://a-page.example"

-- What a browser asks before it sends the part of an official uploader.
local QUESTION = {
  origin = ORIGIN,
  ["access-control-request-method"] = "POST",
  ["access-control-request-headers"] = "av-origin-client,content-range",
}

-- The words of a header that is a list, in lower case, as a set.
local function set_of(list)
  local set = {}
  for word in (list or ""):lower():gmatch "[^, ]+" do set[word] = true end
  return set
end

describe("an upload from a page", function()
  local token

  before_each(function()
    sandbox.reset()
    token = sandbox.create_token().token
  end)

  local function ask(path)
    return sandbox.request("OPTIONS", path or "/upload?token=" .. token, nil,
      QUESTION)
  end

  local function send(upload)
    upload.headers = { origin = ORIGIN }
    upload.token = upload.token or token
    return sandbox.upload(upload)
  end

  local function assert_readable(headers)
    assert.equal("*", headers["access-control-allow-origin"])
  end

  it("is allowed before it is sent", function()
    local status, body, headers = ask()
    assert.same({ 204 }, { status, body })
    assert_readable(headers)
    assert.is_true(
      set_of(headers["access-control-allow-methods"]).post)
  end)

  it("may have the headers of the official uploader", function()
    local _, _, headers = ask()
    local allowed = set_of(headers["access-control-allow-headers"])
    for _, name in ipairs { "av-origin-app", "av-origin-client",
      "av-origin-sdk", "content-range" } do
      assert.is_true(allowed[name], name)
    end
    assert.is_nil(allowed.authorization)
  end)

  it("gets an answer that the page may read", function()
    local status, _, headers = send { data = "a film" }
    assert.equal(201, status)
    assert_readable(headers)
  end)

  it("gets a refusal that the page may read", function()
    local status, _, headers = send { data = "a film", token = "to0" }
    assert.equal(401, status)
    assert_readable(headers)
  end)

  it("gets a fault that the page may read", function()
    sandbox.control("POST", "faults", { { status = 503 } })
    local status, _, headers = send { data = "a film" }
    assert.equal(503, status)
    assert_readable(headers)
  end)

  it("gets an answer, too, when it is larger than any part", function()
    local _, _, headers = sandbox.request("POST", "/upload?token=" .. token,
      nil, { ["content-length"] = "419430400", origin = ORIGIN })
    assert_readable(headers)
  end)

  it("shows the page what the rate limits leave", function()
    sandbox.set { rate_limits = {} }
    local _, _, headers = send { data = "a film" }
    local shown = set_of(headers["access-control-expose-headers"])
    for _, name in ipairs { "x-ratelimit-limit", "x-ratelimit-remaining",
      "x-ratelimit-retry-after" } do
      assert.is_string(headers[name])
      assert.is_true(shown[name])
    end
  end)

  it("is not counted when it is only asked for", function()
    sandbox.set { rate_limits = { uploads = 1 } }
    for _ = 1, 3 do assert.equal(204, (ask())) end
    assert.equal(201, (send { data = "a film" }))
  end)

  it("keeps the fault that waits for it", function()
    sandbox.control("POST", "faults", { { status = 503 } })
    assert.equal(204, (ask()))
    assert.equal(503, (send { data = "a film" }))
  end)

  it("is in the log with its question", function()
    ask()
    send { data = "a film" }
    local seen = {}
    for i, entry in ipairs(sandbox.control("GET", "log")) do
      seen[i] = ("%s %d"):format(entry.method, entry.status)
    end
    assert.same({ "POST 200", "OPTIONS 204", "POST 201" }, seen)
  end)

  it("is all that a page may do", function()
    local status, _, headers = ask "/upload-tokens"
    assert.equal(405, status)
    assert.is_nil(headers["access-control-allow-origin"])
    status, _, headers = sandbox.call("GET", "/upload-tokens", nil,
      { origin = ORIGIN })
    assert.equal(200, status)
    assert.is_nil(headers["access-control-allow-origin"])
  end)
end)
