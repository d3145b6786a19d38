local canaries = require "spec.support.canaries"
local service = require "spec.support.service"

local shown = canaries.shown

local KEY = "canaryApiKey0123456789abcdefghij"
local TOKEN = "toCanaryUploadToken12345"

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

  it("stay out of an answer that glues them to other words", function()
    local key = "key@canary.example"
    service.faults { { status = 400, body = { title = ("Q"):rep(16) .. key } } }
    local other = service.client { api_key = key }
    assert_hidden(shown(service.failure(
      other.upload_tokens.list, other.upload_tokens)), key)
    other:close()
  end)

  it("stay out of an answer when they look encoded themselves", function()
    local key = "100%2540canary%25"
    service.faults { { status = 500, body = "for " .. key .. "." } }
    local other = service.client { api_key = key, retries = 0 }
    assert_hidden(shown(service.failure(
      other.upload_tokens.list, other.upload_tokens)), key)
    other:close()
  end)

  it("stay out where what follows a mask would complete them", function()
    local token = ("q"):rep(20)
    -- As it is, and with a byte that is escaped.
    for _, text in ipairs { ("q"):rep(37), ("q"):rep(19) .. "\\" .. ("q"):rep(18) } do
      service.faults { { status = 200, body = text .. "." } }
      assert_hidden(failure(tokens.get_token, tokens, token), token)
    end
  end)

  it("stay out where they stand alone when they are short tokens", function()
    service.faults {
      status = 404, body = { title = 'a "a", a-b, na', detail = "was a" },
    }
    local err = service.failure(tokens.get_token, tokens, "a")
    assert.equal('… "…", a-b, na', err.title)
    assert.equal("was …", err.detail)
    assert.truthy(err.message:find("GET /upload-tokens/…, ", 1, true), err.message)
  end)

  it("leave words readable that have a short token in them", function()
    local err = service.failure(tokens.delete_token, tokens, "e")
    assert.equal("The requested resource was not found.", err.title)
  end)

  it("stay out of words when they are keys, however short, or long tokens", function()
    local other = service.client { api_key = "k7", retries = 0 }
    service.faults { { status = 400, body = { title = "xk7x xabcdefgh" } } }
    local err = service.failure(
      other.upload_tokens.get_token, other.upload_tokens, "abcdefgh")
    assert.equal("x…x x…", err.title)
    other:close()
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
      retries = 0,
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

  it("stay out of an exchange that gives half a pair, however short", function()
    local bearer = service.client {
      api_key = KEY, auth = "bearer", retries = 0,
    }
    service.faults { body = { access_token = "short one", expires_in = 60 } }
    local err = service.failure(bearer.upload_tokens.list, bearer.upload_tokens)
    assert.equal("protocol", err.kind)
    assert_hidden(shown(err), "short")
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
      "env no_proxy= https_proxy=foo://user:hunter2@h:1", [[
      local tokens = require "apivideo".new {
        base_url = "https://127.0.0.1:9",
      }.upload_tokens
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

-- A client of either kind in each situation, against a service that says all
-- that it knows: of none of the eight canaries is a piece to be read.
local PAIRS = {
  {
    token_type = "Bearer", expires_in = 3600,
    access_token = canaries.access_token,
    refresh_token = canaries.refresh_token,
  },
  {
    token_type = "Bearer", expires_in = 3600,
    access_token = canaries.renewed_access_token,
    refresh_token = canaries.renewed_refresh_token,
  },
}

local TOKEN_BODY = {
  token = canaries.upload_token, ttl = 60,
  createdAt = "2020-12-02T10:13:19+00:00",
  expiresAt = "2020-12-02T10:14:19+00:00",
}

local PAGE_BODY = {
  data = { TOKEN_BODY },
  pagination = {
    currentPage = 1, currentPageItems = 1, pageSize = 25, pagesTotal = 1,
    itemsTotal = 1, links = {},
  },
}

local UPLOAD_TOKENS = { path = "/upload-tokens*" }

-- The answers to the two calls after which a bearer session has used both
-- pairs of its tokens.
local SESSION = {
  { match = { path = "/auth/api-key" }, body = PAIRS[1] },
  { match = UPLOAD_TOKENS, body = PAGE_BODY },
  { match = UPLOAD_TOKENS, status = 401, body = {} },
  { match = { path = "/auth/refresh" }, body = PAIRS[2] },
  { match = UPLOAD_TOKENS, body = PAGE_BODY },
}

for auth, name in pairs { basic = "key", bearer = "bearer_key" } do
  local echo = canaries.echo(name)

  describe("of eight canaries, none is shown by a client with " .. auth, function()
    local client, tokens, log

    local function see(event)
      log[#log + 1] = event
    end

    -- Carries out every operation, of which each must fail; gives all that
    -- can be seen of it.
    local function see_failures(kind, ...)
      local seen = {}
      for operation, argument in pairs {
        create_token = {}, get_token = canaries.upload_token,
        delete_token = canaries.upload_token, list = {},
      } do
        local err = service.failure(tokens[operation], tokens, argument, ...)
        assert.equal(kind, err.kind)
        seen[#seen + 1] = shown(err)
        seen[#seen + 1] = debug.traceback(tostring(err))
      end
      return table.concat(seen, "\n")
    end

    local function assert_clean(text)
      assert.is_nil(canaries.find(text .. shown(log) .. shown(client)))
    end

    before_each(function()
      service.reset()
      log = {}
      client = service.client {
        api_key = canaries[name], auth = auth, log = see, retries = 0,
      }
      tokens = client.upload_tokens
      if auth == "bearer" then
        service.faults(SESSION)
        for _ = 1, 2 do tokens:list() end
      end
    end)

    after_each(function()
      client:close()
    end)

    it("after successes", function()
      service.faults {
        { body = TOKEN_BODY }, { body = TOKEN_BODY }, { status = 204 },
        { body = PAGE_BODY },
      }
      local _, created = tokens:create_token()
      local _, read = tokens:get_token(canaries.upload_token)
      local _, deleted = tokens:delete_token(canaries.upload_token)
      local _, listed = tokens:list()
      local call = client.core:start("get_token", canaries.upload_token)
      assert_clean(table.concat({
        tostring(created), tostring(read), tostring(deleted),
        tostring(listed), tostring(call), tostring(tokens),
      }, " "))
    end)

    for kind, answer in pairs {
      server_error = { status = 500, body = echo },
      not_found = { status = 404, body = "<html>" .. echo },
      client_error = { status = 422, body = { title = echo, detail = { echo } } },
      bad_request = { status = 400, body = {
        type = echo, title = echo, name = echo, detail = echo,
        problems = { { type = echo, title = echo, name = echo, detail = echo } },
      } },
      forbidden = { status = 403, body = { status = echo, [echo] = echo } },
      unexpected_status = { status = 302, headers = {
        Location = "/?" .. echo, ["Retry-After"] = echo,
      } },
    } do
      it("when it is told of " .. kind, function()
        answer.times = 4
        service.faults(answer)
        assert_clean(see_failures(kind))
      end)
    end

    it("when success is not what was promised", function()
      service.faults {
        { body = echo }, { body = { token = { echo } } },
        { status = 200, headers = { ["Content-Type"] = echo } },
        { body = { data = echo } },
      }
      local text = shown(service.failure(tokens.create_token, tokens))
      for _ = 1, 2 do
        text = text .. shown(service.failure(
          tokens.get_token, tokens, canaries.upload_token))
      end
      assert_clean(text .. shown(service.failure(tokens.list, tokens)))
    end)

    it("when there is no answer", function()
      service.faults { close = true, times = 10 }
      assert_clean(see_failures "connection")
    end)

    it("when the time is over", function()
      service.faults { delay = 5, times = 4 }
      local text = ""
      for _ = 1, 4 do
        local err = service.failure(tokens.get_token, tokens,
          canaries.upload_token, { timeout = 0.02 })
        assert.equal("timeout", err.kind)
        text = text .. shown(err)
      end
      assert_clean(text)
    end)

    it("when an answer ends in the middle of one", function()
      local own = canaries[name]
      for _, secret in ipairs { own, canaries.renewed_access_token, canaries.upload_token } do
        if secret ~= canaries.renewed_access_token or auth == "bearer" then
          for _, cut in ipairs { 8, 12 } do
            -- Half of the body comes: up to the cut.
            local body = secret:sub(1, cut) .. (" "):rep(cut)
            service.faults { status = 500, body = body, truncate = true }
            local err = service.failure(
              tokens.get_token, tokens, canaries.upload_token)
            assert_clean(shown(err))
          end
        end
      end
    end)

    it("when TLS fails", function()
      local secure = service.client {
        base_url = service.url:gsub("^http:", "https:"), auth = auth,
        api_key = canaries[name], log = see, retries = 0,
      }
      local err = service.failure(secure.upload_tokens.get_token,
        secure.upload_tokens, canaries.upload_token)
      assert.equal("tls", err.kind)
      assert_clean(shown(err) .. shown(secure))
      secure:close()
    end)

    it("when it is closed", function()
      local call = client.core:start("get_token", canaries.upload_token)
      client:close()
      local _, err = pcall(call.result, call)
      assert.equal("cancelled", err.kind)
      assert_clean(shown(err) .. see_failures "closed")
    end)
  end)
end

describe("of eight canaries, none is shown", function()
  local apivideo = require "apivideo"

  before_each(service.reset)

  it("by misuse", function()
    local client = service.client()
    local tokens = client.upload_tokens
    local seen = {}
    local function misuse(...)
      seen[#seen + 1] = service.misuse(...)
    end
    for _, secret in pairs(canaries) do
      if type(secret) == "string" and secret ~= canaries.key then
        for _, option in ipairs {
          "api_key", "auth", "environment", "base_url", "timeout",
          "max_connections", "proxy", "ca_file", "application", "sdk",
          "headers", "log", "driver", secret,
        } do
          misuse(apivideo.new, { [option] = secret .. "\n" })
        end
        misuse(apivideo.new, secret)
        misuse(apivideo.new, { headers = { [secret .. ":"] = "x" } })
        misuse(apivideo.new, { headers = { Authorization = secret } })
        misuse(apivideo.new, { headers = { ["X-A"] = secret .. "\n" } })
        misuse(apivideo.new, { base_url = "http://h/?" .. secret })
        misuse(apivideo.epoch, secret)
        for _, method in ipairs { "create_token", "get_token", "delete_token", "list", "iterate", "pages" } do
          misuse(tokens[method], tokens, secret .. "/")
          misuse(tokens[method], secret)
          misuse(tokens[method], tokens, { [secret] = secret })
          misuse(tokens[method], tokens, nil, secret)
          misuse(tokens[method], tokens, nil, { [secret] = secret })
        end
        misuse(tokens.create_token, tokens, { ttl = secret })
        misuse(tokens.list, tokens, { sort_by = secret })
        misuse(tokens.list, tokens, { page_size = secret })
      end
    end
    misuse(apivideo.new, { api_key = canaries.key .. "\n" })
    client:close()
    assert.is_nil(canaries.find(table.concat(seen, "\n")))
  end)

  it("on stderr, in a traceback or in the process's title", function()
    service.faults(SESSION)
    service.faults {
      -- Once more: a read is sent again when its connection was old.
      { match = UPLOAD_TOKENS, close = true, times = 2 },
      { match = UPLOAD_TOKENS, status = 400, body = {
        title = canaries.echo "bearer_key" } },
    }
    local output = service.run(
      "APIVIDEO_LOG=debug APIVIDEO_API_KEY=" .. canaries.bearer_key, ([[
      local apivideo = require "apivideo"
      local client = apivideo.new { auth = "bearer", retries = 0 }
      local tokens = client.upload_tokens
      for _ = 1, 2 do tokens:list() end
      pcall(tokens.get_token, tokens, %q)
      for _, name in ipairs { "cmdline", "comm" } do
        local file = assert(io.open("/proc/self/" .. name))
        print(name, file:read "*a")
        file:close()
      end
      print(pcall(tokens.get_token, tokens, %q))
      tokens:get_token(%q) -- misuse, and the end
    ]]):format(canaries.upload_token, canaries.upload_token,
      canaries.upload_token .. "/"))
    for _, words in ipairs {
      "POST /auth/refresh: 200", "connection", "cmdline", "bad_request",
      "stack traceback",
    } do
      assert.truthy(output:find(words, 1, true), words .. "\n" .. output)
    end
    assert.is_nil(canaries.find(output), output)
  end)
end)
