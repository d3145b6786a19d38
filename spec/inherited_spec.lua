-- Options, arguments and sources with inherited fields: they are fields, too.

local service = require "spec.support.service"

local function inherits(fields)
  return setmetatable({}, { __index = fields })
end

local function inherits_by_function(fields)
  return setmetatable({}, { __index = function(_, name) return fields[name] end })
end

-- Nobody may write to them, nor take them to pieces.
local function locked(fields)
  return setmetatable({}, {
    __index = fields, __newindex = function() error "read-only" end, __metatable = false,
  })
end

local HEIRS = { ["of a table"] = inherits, ["of a function"] = inherits_by_function, ["of a constant"] = locked }

describe("inherited fields", function()
  before_each(service.reset)

  for name, heir in pairs(HEIRS) do
    describe(name, function()
      local client, tokens

      before_each(function()
        client = require("apivideo").new(heir { base_url = service.url, api_key = service.key, timeout = 9,
          retries = 0 })
        tokens = client.upload_tokens
      end)

      after_each(function() client:close() end)

      local function last_path()
        local requests = service.requests()
        return requests[#requests].path
      end

      it("are options of a client", function()
        assert.equal(200, select(2, tokens:list()).status)
        service.faults { { status = 500 } }
        assert.equal(1, service.failure(tokens.list, tokens).attempts)
        local events = 0
        local other = require("apivideo").new(heir {
          base_url = service.url, api_key = service.key, auth = "bearer", driver = "block",
          log = function() events = events + 1 end,
          application = heir { name = "heir", version = "1.2.3" },
        })
        other.upload_tokens:list()
        assert.equal(2, events)
        other:close()
        for option, value in pairs { timeout = -1, base_url = "http://example.org", max_connections = 0,
          proxy = "a b" } do
          assert.truthy(service.misuse(require("apivideo").new, heir { [option] = value }):find(option, 1, true))
        end
      end)

      it("are payloads, queries and call options", function()
        assert.equal(77, tokens:create_token(heir { ttl = 77 }).ttl)
        tokens:list(heir { page_size = 3, sort_by = "ttl" })
        assert.truthy(last_path():find("pageSize=3", 1, true))
        assert.truthy(last_path():find("sortBy=ttl", 1, true))
        service.faults { { delay = 5 } }
        local err = service.failure(tokens.list, tokens, nil, heir { timeout = 0.05 })
        assert.equal("timeout", err.kind)
      end)

      it("are queries and call options of iterators", function()
        service.make_tokens(5, 60)
        for _, method in ipairs { "pages", "iterate" } do
          tokens[method](tokens, heir { page_size = 3, prefetch = 0, sort_order = "asc", sort_by = "created_at" })()
          assert.truthy(last_path():find("pageSize=3", 1, true))
          assert.truthy(last_path():find("sortOrder=asc", 1, true))
          service.faults { { delay = 5 } }
          local err = service.failure(tokens[method](tokens, nil, heir { timeout = 0.05 }))
          assert.equal("timeout", err.kind)
          service.faults {}
        end
      end)

      it("are call options with auth = bearer", function()
        local bearer = service.client { auth = "bearer" }
        bearer.upload_tokens:list()
        service.faults { { delay = 5, match = { path = "/upload-tokens" } } }
        local err = service.failure(bearer.upload_tokens.list, bearer.upload_tokens, nil, heir { timeout = 0.05 })
        assert.equal("timeout", err.kind)
        bearer:close()
      end)

      it("are options of parallel", function()
        local now, most = 0, 0
        client:parallel({ 1, 2, 3, 4 }, function()
          now = now + 1
          most = math.max(most, now)
          client:sleep(0.01)
          now = now - 1
        end, heir { concurrency = 2 })
        assert.equal(2, most)
      end)

      it("are sources and options of uploads", function()
        local token = tokens:create_token({ ttl = 60 }).token
        local calls = 0
        local video = client.videos:upload_with_upload_token(token, heir { data = "abc", file_name = "heir.mp4" },
          heir { on_progress = function() calls = calls + 1 end })
        assert.equal("heir.mp4", video.title)
        assert.is_true(calls > 0)
        video = client.videos:progressive_upload(token, heir { file_name = "other.mp4" }):upload_last_part "x"
        assert.equal("other.mp4", video.title)
      end)
    end)
  end

  it("are passed over where they are no options, unlike a table's own", function()
    local client = service.client()
    local Defaults = { ttl = 7, page_size = 3, tiemout = 1 }
    Defaults.__index = Defaults
    local function heir() return setmetatable({}, Defaults) end
    assert.equal(7, client.upload_tokens:create_token(heir(), heir()).ttl)
    assert.equal(3, client.upload_tokens:list(heir()).pagination.page_size)
    require("apivideo").new(heir()):close()
    for _, options in ipairs { Defaults, { tiemout = 1 } } do
      assert.truthy(service.misuse(require("apivideo").new, options):find("unknown option", 1, true))
    end
    client:close()
  end)

  local HEADERS = { ["of tables"] = inherits(inherits { ["X-Heir"] = "yes" }),
    ["of constants"] = locked(locked { ["X-Heir"] = "yes" }) }
  do -- a class has what is no header
    local Class = { ["X-Heir"] = "yes", new = error }
    Class.__index = Class
    HEADERS["of a class"] = setmetatable({}, Class)
    local one, other = { ["X-Heir"] = "yes" }, {}
    setmetatable(one, { __index = other })
    HEADERS["of tables that inherit from each other"] = setmetatable(other, { __index = one })
  end

  for name, headers in pairs(HEADERS) do
    for how, heir in pairs { ["in a table"] = function(fields) return fields end, ["in a constant"] = locked } do
      it(("are headers %s, %s"):format(name, how), function()
        local client = require("apivideo").new(heir { base_url = service.url, api_key = service.key,
          headers = headers })
        client.upload_tokens:list()
        local other = service.client()
        other.upload_tokens:list(nil, heir { headers = headers })
        other.upload_tokens:iterate(nil, heir { headers = headers })()
        for _, request in ipairs(service.requests()) do
          assert.equal("yes", request.headers["x-heir"])
        end
        client:close()
        other:close()
      end)
    end
  end

  it("do not hide what is no option", function()
    local client = service.client()
    assert.truthy(service.misuse(client.upload_tokens.list, client.upload_tokens, nil,
      { headers = inherits { ["X-Heir"] = "yes" }, tiemout = 5 }):find("tiemout", 1, true))
    client:close()
  end)
end)
