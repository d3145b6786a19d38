local service = require "spec.support.service"

local KEY = "canaryApiKey0123456789abcdefghij"
local TOKEN = "toCanaryUploadToken12345"

-- Everything that a person may see of a value.
local function shown(value, seen)
  seen = seen or {}
  if seen[value] then return "" end
  local texts = { tostring(value) }
  if type(value) == "table" then
    seen[value] = true
    for key, inner in pairs(value) do
      texts[#texts + 1] = shown(key, seen)
      texts[#texts + 1] = shown(inner, seen)
    end
  end
  return table.concat(texts, "\n")
end

local function assert_hidden(text, ...)
  for _, secret in ipairs { ... } do
    if text:find(secret, 1, true) then
      error("a secret is shown in: " .. text, 2)
    end
  end
end

describe("secrets", function()
  local client, tokens, logged

  local function failure(...)
    local err = service.failure(...)
    return shown(err) .. shown(logged)
  end

  before_each(function()
    service.reset()
    service.settings { keys = { KEY } }
    logged = {}
    client = service.client {
      api_key = KEY, retries = 0,
      log = function(event) logged[#logged + 1] = event end,
    }
    tokens = client.upload_tokens
  end)

  after_each(function()
    client:close()
  end)

  it("stay out of the client", function()
    tokens:list()
    assert_hidden(shown(client), KEY)
    local bearer = service.client { api_key = KEY, auth = "bearer" }
    bearer.upload_tokens:list()
    assert_hidden(shown(bearer), KEY)
    bearer:close()
  end)

  it("stay out of an answer that echoes them", function()
    local echo = ("%s %s %s"):format(KEY, TOKEN, "Y2FuYXJ5QXBpS2V5MDEyMzQ1Njc4OWFiY2RlZmdoaWo6")
    service.faults {
      { status = 200, body = echo },
      { status = 500, body = echo },
      { status = 400, body = {
        title = echo, detail = echo, name = echo, type = echo,
        problems = { { title = echo, name = echo, type = echo } },
      } },
      { status = 404, body = "<b>" .. echo },
    }
    for _ = 1, 4 do
      assert_hidden(
        failure(tokens.get_token, tokens, TOKEN), KEY, TOKEN, "Y2FuYXJ5")
    end
  end)

  it("stay out of failures without an answer", function()
    service.faults { { close = true, times = 2 }, { delay = 5 } }
    assert_hidden(failure(tokens.get_token, tokens, TOKEN), KEY, TOKEN)
    assert_hidden(failure(
      tokens.delete_token, tokens, TOKEN, { timeout = 0.1 }), KEY, TOKEN)
  end)

  it("stay out of TLS failures", function()
    local secure = service.client {
      base_url = service.url:gsub("^http:", "https:"), api_key = KEY,
    }
    local err = service.failure(
      secure.upload_tokens.get_token, secure.upload_tokens, TOKEN)
    assert.equal("tls", err.kind)
    assert_hidden(shown(err), KEY, TOKEN)
    secure:close()
  end)

  it("stay out of failed exchanges of the key", function()
    local bearer = service.client {
      api_key = KEY, auth = "bearer", retries = 0,
    }
    local echo = { access_token = KEY, secret = "refreshCanary0123456789" }
    service.faults {
      { status = 200, body = echo },
      { status = 400, body = { title = KEY } },
      { status = 500, body = KEY },
    }
    for _ = 1, 3 do
      local text = shown(service.failure(
        bearer.upload_tokens.list, bearer.upload_tokens))
      assert_hidden(text, KEY, "refreshCanary")
    end
    bearer:close()
  end)

  it("stay out of misuse", function()
    local message = service.misuse(tokens.get_token, tokens, TOKEN .. "/")
    assert_hidden(message, TOKEN)
    local apivideo = require "apivideo"
    assert_hidden(
      service.misuse(apivideo.new, { api_key = KEY .. "\n" }), KEY)
    assert_hidden(
      service.misuse(apivideo.new, { [KEY] = true }), KEY)
    assert_hidden(service.misuse(apivideo.new, KEY), KEY)
    assert_hidden(
      service.misuse(tokens.list, tokens, { sort_by = KEY }), KEY)
    assert_hidden(
      service.misuse(apivideo.new, { environment = KEY }), KEY)
    assert_hidden(service.misuse(apivideo.new, {
      base_url = "https://" .. KEY .. "@ws.api.video",
    }), KEY)
    assert_hidden(service.misuse(apivideo.new, {
      sdk = { name = "a", version = KEY },
    }), KEY)
  end)

  it("stay out of misuse when they are short", function()
    local apivideo = require "apivideo"
    assert_hidden(service.misuse(apivideo.new, "sandbox_key"), "sandbox_key")
    assert_hidden(
      service.misuse(tokens.get_token, tokens, "sandbox_key!"), "sandbox_key")
    assert_hidden(
      service.misuse(tokens.list, tokens, "sandbox_key"), "sandbox_key")
  end)

  it("stay out of failures of a proxy", function()
    local output = service.run(
      "env no_proxy= http_proxy=foo://user:hunter2@h:1", [[
      local tokens = require "apivideo".new().upload_tokens
      print(select(2, pcall(tokens.list, tokens)))
    ]])
    assert.truthy(output:find("list: connection: ", 1, true), output)
    assert_hidden(output, "hunter2")
    assert_hidden(service.misuse(require "apivideo".new, {
      proxy = "foo://user:hunter2@h",
    }), "hunter2")
  end)

  it("stay out of the lines on stderr", function()
    local output = service.run("APIVIDEO_LOG=debug APIVIDEO_API_KEY=" .. KEY, [[
      local tokens = require "apivideo".new({ auth = "bearer" }).upload_tokens
      local token = tokens:create_token()
      tokens:delete_token(token.token)
      pcall(tokens.get_token, tokens, "]] .. TOKEN .. [[")
    ]])
    assert.truthy(output:find("POST /auth/api-key: 200", 1, true), output)
    assert_hidden(output, KEY, TOKEN)
  end)
end)
