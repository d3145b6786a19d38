local apivideo = require "apivideo"
local service = require "spec.support.service"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"

describe("upload tokens", function()
  local tokens

  service.with_client(function(_, ...) tokens = ... end)

  describe("create_token", function()
    it("gives a token with the lifetime that was asked for", function()
      local token = tokens:create_token { ttl = 3600 }
      assert.equal(3600, token.ttl)
      assert.truthy(token.token:match "^to%w+$")
      assert.equal(
        3600,
        apivideo.epoch(token.expires_at) - apivideo.epoch(token.created_at))
    end)

    it("gives a token that never expires when no ttl is asked for", function()
      local token = tokens:create_token()
      assert.equal(0, token.ttl)
      assert.is_nil(token.expires_at)
    end)

    it("gives a token that never expires for ttl 0", function()
      assert.is_nil(tokens:create_token({ ttl = 0 }).expires_at)
    end)

    it("takes the largest ttl", function()
      assert.equal(2147483647, tokens:create_token({ ttl = 2147483647 }).ttl)
    end)

    it("takes a float that is a whole number", function()
      assert.equal(60, tokens:create_token({ ttl = 60.0 }).ttl)
    end)
  end)

  describe("get_token", function()
    it("gives what create_token gave", function()
      local created = tokens:create_token { ttl = 3600 }
      assert.same(created, (tokens:get_token(created.token)))
    end)

    it("takes null for a token that never expires", function()
      service.settings { null_expires_at = true }
      local created = tokens:create_token()
      assert.is_nil(tokens:get_token(created.token).expires_at)
    end)

    it("fails with not_found once the token has expired", function()
      local token = tokens:create_token { ttl = 60 }
      service.settings { clock_offset = 61 }
      local err = service.failure(tokens.get_token, tokens, token.token)
      assert.equal("not_found", err.kind)
    end)
  end)

  describe("delete_token", function()
    it("gives true, and the token is gone", function()
      local token = tokens:create_token()
      assert.is_true((tokens:delete_token(token.token)))
      local err = service.failure(tokens.get_token, tokens, token.token)
      assert.equal("not_found", err.kind)
    end)

    local JSON, NONE = "application/json", ""
    for _, case in ipairs {
      { 204, "", NONE }, { 200, "", NONE }, { 200, " \r\n", "text/html" }, { 200, "{}", JSON }, { 200, "null", JSON },
      { 200, '{"deleted":true}', NONE }, { 200, "[]", "application/problem+json" },
    } do
      it(("is done when the service says so: %d '%s' %s"):format(case[1], case[2]:gsub("%c", "?"), case[3]), function()
        service.faults { { status = case[1], body = case[2], headers = { ["Content-Type"] = case[3] } } }
        assert.is_true((tokens:delete_token(UNKNOWN)))
      end)
    end

    for _, case in ipairs {
      { "<html>", "text/html" }, { "<html>", NONE }, { "<html>", JSON }, { "ok", JSON }, { '{"a":', JSON },
      { "{}", "text/plain" },
    } do
      it(("is not when somebody else answers: '%s' %s"):format(case[1], case[2]), function()
        service.faults { { status = 200, body = case[1], headers = { ["Content-Type"] = case[2] } } }
        local err = service.failure(tokens.delete_token, tokens, UNKNOWN)
        assert.equal("protocol", err.kind)
        assert.truthy(err.message:find("it starts with: " .. case[1], 1, true), err.message)
      end)
    end

    it("fails with not_found for an unknown token", function()
      local err = service.failure(tokens.delete_token, tokens, UNKNOWN)
      assert.equal("not_found", err.kind)
      assert.equal("delete_token", err.operation)
    end)
  end)

  describe("list", function()
    it("gives an empty table when there are no tokens", function()
      local page = tokens:list()
      assert.same({}, page.data)
      assert.equal(0, page.pagination.items_total)
    end)

    it("gives one page and says where it stands", function()
      service.make_tokens(70, 60)
      local page = tokens:list { current_page = 2, page_size = 30 }
      local pagination = page.pagination
      assert.equal(30, #page.data)
      assert.equal(2, pagination.current_page)
      assert.equal(30, pagination.current_page_items)
      assert.equal(30, pagination.page_size)
      assert.equal(3, pagination.pages_total)
      assert.equal(70, pagination.items_total)
    end)

    it("gives the links to other pages", function()
      service.make_tokens(70, 60)
      local links = {}
      local page = tokens:list { current_page = 2, page_size = 30 }
      for _, link in ipairs(page.pagination.links) do
        links[link.rel] = link.uri
      end
      assert.truthy(links.next:match "currentPage=3")
      assert.truthy(links.previous:match "currentPage=1")
    end)

    it("sorts as asked", function()
      for _, ttl in ipairs { 20, 30, 10 } do tokens:create_token { ttl = ttl } end
      local page = tokens:list { sort_by = "ttl", sort_order = "desc" }
      local ttls = {}
      for _, token in ipairs(page.data) do ttls[#ttls + 1] = token.ttl end
      assert.same({ 30, 20, 10 }, ttls)
    end)

    it("takes the service's own spelling of created_at", function()
      for _, name in ipairs { "created_at", "createdAt" } do
        tokens:list { sort_by = name }
      end
      local requests = service.requests()
      assert.equal("/upload-tokens?sortBy=createdAt", requests[1].path)
      assert.equal(requests[1].path, requests[2].path)
    end)
  end)

  it("gives integers, never floats", function()
    local token = tokens:create_token { ttl = 3600 }
    assert.equal("3600", tostring(token.ttl))
    local pagination = tokens:list({ page_size = 30 }).pagination
    for name, value in pairs(pagination) do
      if type(value) == "number" then
        assert.equal(("%d"):format(value), tostring(value), name)
      end
    end
  end)

  it("hands on fields that it does not know, in snake_case", function()
    service.faults { {
      body = {
        token = UNKNOWN, ttl = 0, createdAt = "2020-12-02T10:13:19+00:00",
        maxUploads = 3, HTTPOnly = true, videoID = "vi1",
        ownerInfo = { displayName = "x", mp4Support = false },
      },
    } }
    local token = tokens:get_token(UNKNOWN)
    assert.equal("3", tostring(token.max_uploads))
    assert.is_true(token.http_only)
    assert.equal("vi1", token.video_id)
    assert.same(
      { display_name = "x", mp4_support = false }, token.owner_info)
  end)

  it("speaks to the service as its documents say", function()
    local token = tokens:create_token { ttl = 60 }
    tokens:get_token(token.token)
    tokens:list { current_page = 1, page_size = 100 }
    tokens:delete_token(token.token)
    local seen = {}
    for i, request in ipairs(service.requests()) do
      seen[i] = request.method .. " " .. request.path
      assert.equal("application/json", request.headers.accept)
      assert.equal("lua:0.2.0", request.headers["av-origin-client"])
    end
    assert.same({
      "POST /upload-tokens",
      "GET /upload-tokens/" .. token.token,
      "GET /upload-tokens?currentPage=1&pageSize=100",
      "DELETE /upload-tokens/" .. token.token,
    }, seen)
  end)

  it("keeps one connection for calls that follow each other", function()
    local _, first = tokens:list()
    local _, second = tokens:list()
    assert.is_false(first.reused)
    assert.is_true(second.reused)
  end)
end)
