-- The promises of the sandbox: the token calls, authentication, limits and
-- its controls. Uploads and starting have specs of their own.
local sandbox = require "spec.support.sandbox_http"

local call, control = sandbox.call, sandbox.control

-- Checks status, type and title of a problem, and that the body repeats them.
local function assert_problem(expected_status, name, title, status, body)
  assert.equal(expected_status, status)
  assert.equal(name, sandbox.problem_name(body))
  assert.equal(title, body.title)
  assert.equal(expected_status, body.status)
end

local function ttls(page)
  local list = {}
  for i, token in ipairs(page.data) do list[i] = token.ttl end
  return list
end

local function rels(page)
  local links = {}
  for _, link in ipairs(page.pagination.links) do links[link.rel] = link.uri end
  return links
end

describe("the sandbox", function()
  before_each(sandbox.reset)

  describe("tokens", function()
    it("are created with their times", function()
      local status, token = call("POST", "/upload-tokens", { ttl = 3600 })
      assert.equal(200, status)
      assert.matches("^to%w+$", token.token)
      assert.equal(24, #token.token)
      assert.equal(3600, token.ttl)
      assert.matches("^%d+-%d%d%-%d%dT%d%d:%d%d:%d%d%+00:00$", token.createdAt)
      assert.matches("^%d+-%d%d%-%d%dT%d%d:%d%d:%d%d%+00:00$", token.expiresAt)
    end)

    it("never expire by default", function()
      local _, token, _, text = call("POST", "/upload-tokens", "{}")
      assert.equal(0, token.ttl)
      assert.is_nil(text:find "expiresAt")
    end)

    it("have a null expiresAt where that is set", function()
      sandbox.set { null_expires_at = true }
      local _, _, _, text = call("POST", "/upload-tokens", "{}")
      assert.truthy(text:find('"expiresAt":null', 1, true))
    end)

    it("have integers without a fraction", function()
      local _, _, _, text = call("POST", "/upload-tokens", { ttl = 3600 })
      assert.truthy(text:find('"ttl":3600,', 1, true))
    end)

    it("can be got", function()
      local token = sandbox.create_token(60)
      local status, got = call("GET", "/upload-tokens/" .. token.token)
      assert.equal(200, status)
      assert.same(token, got)
    end)

    it("are gone once deleted", function()
      local path = "/upload-tokens/" .. sandbox.create_token().token
      local status, _, _, text = call("DELETE", path)
      assert.equal(204, status)
      assert.equal("", text)
      assert.equal(404, (call("GET", path)))
      assert.equal(404, (call("DELETE", path)))
    end)

    it("are gone once expired", function()
      local path = "/upload-tokens/" .. sandbox.create_token(60).token
      sandbox.create_token(100)
      sandbox.set { clock_offset = 55 }
      assert.equal(200, (call("GET", path)))
      sandbox.set { clock_offset = 61 }
      assert.equal(404, (call("GET", path)))
      assert.equal(404, (call("DELETE", path)))
      local _, page = call("GET", "/upload-tokens")
      assert.same({ 100 }, ttls(page))
    end)

    for _, ttl in ipairs { "-1", "2147483648", "1.5", '"60"', "null" } do
      it("refuse a ttl of " .. ttl, function()
        local status, body =
          call("POST", "/upload-tokens", '{"ttl":' .. ttl .. "}")
        assert_problem(400, "invalid-attribute", "Invalid attributes.",
          status, body)
        assert.equal("ttl", body.name)
        assert.equal("ttl", body.problems[1].name)
        assert.is_string(body.problems[1].title)
        assert.equal(body.type, body.problems[1].type)
      end)
    end

    for _, ttl in ipairs { 0, 1, 2147483647 } do
      it("take a ttl of " .. ttl, function()
        assert.equal(ttl, sandbox.create_token(ttl).ttl)
      end)
    end

    for _, body in ipairs { "", "{", "[]", "null", '"ttl"' } do
      it(("refuse a body of '%s'"):format(body), function()
        assert_problem(400, "invalid-payload", "The payload is invalid.",
          call("POST", "/upload-tokens", body))
      end)
    end
  end)

  describe("lists", function()
    it("are a real list when empty", function()
      local status, page, _, text = call("GET", "/upload-tokens")
      assert.equal(200, status)
      assert.truthy(text:find('"data":[]', 1, true))
      assert.equal(0, page.pagination.itemsTotal)
      assert.equal(1, page.pagination.pagesTotal)
    end)

    it("begin with the oldest", function()
      for _, ttl in ipairs { 30, 10, 20 } do sandbox.create_token(ttl) end
      local _, page = call("GET", "/upload-tokens")
      assert.same({ 30, 10, 20 }, ttls(page))
    end)

    it("are sorted by ttl", function()
      for _, ttl in ipairs { 30, 10, 20 } do sandbox.create_token(ttl) end
      local _, page = call("GET", "/upload-tokens?sortBy=ttl")
      assert.same({ 10, 20, 30 }, ttls(page))
    end)

    it("come in reverse when descending, equal ones too", function()
      control("POST", "tokens", { count = 50, ttl = 60 })
      local path = "/upload-tokens?sortBy=ttl&pageSize=100&sortOrder="
      local _, up = call("GET", path .. "asc")
      local _, down = call("GET", path .. "desc")
      for i = 1, 50 do
        assert.equal(up.data[i].token, down.data[51 - i].token)
      end
    end)

    it("have pages with links", function()
      control("POST", "tokens", { count = 60 })
      local _, page = call("GET", "/upload-tokens?currentPage=2")
      local pagination = page.pagination
      assert.equal(25, #page.data)
      assert.equal(2, pagination.currentPage)
      assert.equal(25, pagination.currentPageItems)
      assert.equal(25, pagination.pageSize)
      assert.equal(3, pagination.pagesTotal)
      assert.equal(60, pagination.itemsTotal)
      local uri = "/upload-tokens?currentPage=%d&pageSize=25"
      assert.same({
        self = uri:format(2), first = uri:format(1), previous = uri:format(1),
        next = uri:format(3), last = uri:format(3),
      }, rels(page))
    end)

    it("have no link to a page that is not there", function()
      control("POST", "tokens", { count = 30 })
      local _, first = call("GET", "/upload-tokens")
      local _, last = call("GET", "/upload-tokens?currentPage=2")
      assert.is_nil(rels(first).previous)
      assert.is_nil(rels(last).next)
    end)

    it("have links that keep the order", function()
      local _, page =
        call("GET", "/upload-tokens?sortOrder=desc&sortBy=ttl&pageSize=5")
      assert.equal("/upload-tokens?currentPage=1&pageSize=5"
        .. "&sortBy=ttl&sortOrder=desc", rels(page).first)
    end)

    it("are empty beyond the last page", function()
      control("POST", "tokens", { count = 30 })
      local status, page, _, text = call("GET", "/upload-tokens?currentPage=9")
      assert.equal(200, status)
      assert.truthy(text:find('"data":[]', 1, true))
      assert.equal(0, page.pagination.currentPageItems)
    end)

    it("show every token of a long list once", function()
      control("POST", "tokens", { count = 5000 })
      local seen, count = {}, 0
      for number = 1, 50 do
        local _, page =
          call("GET", "/upload-tokens?pageSize=100&currentPage=" .. number)
        for _, token in ipairs(page.data) do
          if not seen[token.token] then count = count + 1 end
          seen[token.token] = true
        end
      end
      assert.equal(5000, count)
    end)

    for query, name in pairs {
      ["sortBy=title"] = "sortBy", ["sortOrder=up"] = "sortOrder",
      ["currentPage=0"] = "currentPage", ["currentPage=x"] = "currentPage",
      ["pageSize=0"] = "pageSize", ["pageSize=101"] = "pageSize",
      ["pageSize="] = "pageSize", ["pageSize=2.5"] = "pageSize",
    } do
      it("refuse " .. query, function()
        local status, body = call("GET", "/upload-tokens?" .. query)
        assert_problem(400, "invalid-query-parameter", "Invalid attributes.",
          status, body)
        assert.equal(name, body.name)
        assert.equal(name, body.problems[1].name)
      end)
    end

    it("name everything that is wrong", function()
      local _, body = call("GET", "/upload-tokens?sortBy=x&pageSize=0")
      assert.equal(2, #body.problems)
    end)
  end)

  describe("authentication", function()
    local function list_with(authorization)
      return sandbox.request("GET", "/upload-tokens", nil,
        { authorization = authorization })
    end

    local function new_pair()
      local status, pair =
        sandbox.request("POST", "/auth/api-key", { apiKey = "sandbox_key" })
      assert.equal(200, status)
      return pair
    end

    local function refresh(pair)
      return sandbox.request("POST", "/auth/refresh",
        { refreshToken = pair.refresh_token })
    end

    local function assert_bad_access_token(status, body)
      assert_problem(401, "authentication-invalid-access-token",
        "The access token is invalid or expired.", status, body)
    end

    it("wants a header", function()
      assert_problem(401, "authentication-missing-authorization-header",
        'The "Authorization" header is missing.', list_with(nil))
    end)

    for name, header in pairs {
      ["another key"] = sandbox.basic "other_key",
      ["a password"] = sandbox.basic "sandbox_key:secret",
      ["what is not base64"] = "Basic ***",
      ["another scheme"] = "Digest sandbox_key",
      ["an empty header"] = "",
    } do
      it("refuses " .. name, function()
        assert_problem(401, "authentication-invalid-api-key",
          "The API key is invalid.", list_with(header))
      end)
    end

    it("takes further keys that are set", function()
      sandbox.set { keys = { "sandbox_key", "other_key" } }
      assert.equal(200, (list_with(sandbox.basic "other_key")))
    end)

    it("gives an access token for a key", function()
      local pair = new_pair()
      assert.equal("Bearer", pair.token_type)
      assert.equal(3600, pair.expires_in)
      assert.equal(200, (list_with("Bearer " .. pair.access_token)))
    end)

    it("lets access tokens expire", function()
      local pair = new_pair()
      sandbox.set { clock_offset = 3601 }
      assert_bad_access_token(list_with("Bearer " .. pair.access_token))
    end)

    it("gives access tokens the lifetime that is set", function()
      sandbox.set { access_token_lifetime = 5 }
      local pair = new_pair()
      assert.equal(5, pair.expires_in)
      sandbox.set { clock_offset = 6 }
      assert_bad_access_token(list_with("Bearer " .. pair.access_token))
    end)

    it("refuses an unknown access token", function()
      assert_bad_access_token(list_with "Bearer nonsense")
    end)

    it("renews with a refresh token", function()
      local pair = new_pair()
      local status, renewed = refresh(pair)
      assert.equal(200, status)
      assert.not_equal(pair.access_token, renewed.access_token)
      assert.equal(200, (list_with("Bearer " .. renewed.access_token)))
      assert.equal(200, (refresh(renewed)))
    end)

    it("takes a refresh token once", function()
      local pair = new_pair()
      refresh(pair)
      assert_problem(401, "authentication-invalid-refresh-token",
        "The refresh token is invalid.", refresh(pair))
    end)

    it("gives no token for a wrong key", function()
      assert_problem(400, "authentication-invalid-user-credentials",
        "The user credentials were incorrect.",
        sandbox.request("POST", "/auth/api-key", { apiKey = "other" }))
    end)

    it("wants the key", function()
      local status, body = sandbox.request("POST", "/auth/api-key", "{}")
      assert_problem(400, "attribute-required", "Invalid attributes.",
        status, body)
      assert.equal("apiKey", body.name)
    end)

    it("tells of a suspended account", function()
      sandbox.set { suspended = true }
      assert_problem(403, "authorization-suspended-account",
        "Suspended account", call("GET", "/upload-tokens"))
    end)
  end)

  describe("unknown places", function()
    it("are 404 for an id", function()
      assert_problem(404, "resource-not-found",
        "The requested resource was not found.",
        call("GET", "/upload-tokens/to0000000000000000000000"))
    end)

    for _, path in ipairs { "/", "/upload-token", "/upload-tokens/" } do
      it("are 404 for the path " .. path, function()
        assert_problem(404, "unrecognized-request-url",
          "Unrecognized request URL.", call("GET", path))
      end)
    end

    it("are 405 for a method, and name those there are", function()
      local status, body, headers = call("PUT", "/upload-tokens")
      assert_problem(405, "method-not-allowed",
        "Method is not allowed for this route.", status, body)
      assert.equal("GET, POST", headers.allow)
    end)
  end)

  describe("rate limits", function()
    local function limits(headers)
      return tonumber(headers["x-ratelimit-limit"]),
        tonumber(headers["x-ratelimit-remaining"]),
        tonumber(headers["x-ratelimit-retry-after"])
    end

    it("are off at first", function()
      local _, _, headers = call("GET", "/upload-tokens")
      assert.is_nil(headers["x-ratelimit-limit"])
    end)

    it("show in every answer", function()
      sandbox.set { rate_limits = { reads = 5 } }
      for _, path in ipairs { "/upload-tokens", "/upload-tokens/x", "/x" } do
        local _, _, headers = call("GET", path)
        assert.equal(5, (limits(headers)))
      end
      local path = "/upload-tokens/" .. sandbox.create_token().token
      local status, _, headers = call("DELETE", path)
      assert.equal(204, status)
      assert.equal(40, (limits(headers)))
    end)

    it("refuse what is too much until the window is over", function()
      sandbox.set { rate_limits = { reads = 2, window = 10 } }
      call("GET", "/upload-tokens")
      local _, _, headers = call("GET", "/upload-tokens")
      assert.same({ 2, 0, 10 }, { limits(headers) })
      local status, body
      status, body, headers = call("GET", "/upload-tokens")
      assert_problem(429, "too-many-requests", "Too many requests.",
        status, body)
      assert.same({ 2, 0, 10 }, { limits(headers) })
      sandbox.set { clock_offset = 10.5 }
      assert.equal(200, (call("GET", "/upload-tokens")))
    end)

    it("count each class apart", function()
      sandbox.set { rate_limits = { reads = 1, writes = 1, uploads = 1 } }
      assert.equal(200, (call("GET", "/upload-tokens")))
      assert.equal(200, (call("POST", "/upload-tokens", "{}")))
      assert.equal(401, (sandbox.upload {}))
      assert.equal(429, (call("GET", "/upload-tokens")))
      assert.equal(429, (call("POST", "/upload-tokens", "{}")))
      assert.equal(429, (sandbox.upload {}))
    end)
  end)
end)
