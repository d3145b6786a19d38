-- `parallel` whose items come from an iterator.

local service = require "spec.support.service"

describe("parallel with an iterator", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end)

  it("takes what it gives, no more than it begins", function()
    local given, begun, most = 0, 0, 0
    local function next_item()
      if given == 10 then return nil end
      given = given + 1
      return given
    end
    local results = client:parallel(next_item, function(item, index)
      assert(item == index)
      begun = begun + 1
      most = math.max(most, given - begun)
      client:sleep(0.001)
      return item * 2
    end, { concurrency = 3 })
    assert.equal(0, most)
    assert.same({ 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, n = 10 }, results)
  end)

  it("takes all tokens of a walk", function()
    service.make_tokens(57, 60)
    local results = client:parallel(tokens:iterate { page_size = 5 },
      function(token) return tokens:delete_token(token.token) end,
      { concurrency = 8 })
    assert.equal(57, results.n)
    assert.equal(0, tokens:list().pagination.items_total)
  end)

  it("takes the pages of a list", function()
    service.make_tokens(57, 60)
    local count = 0
    client:parallel(tokens:pages { page_size = 5 }, function(page)
      count = count + #page.data
    end)
    assert.equal(57, count)
  end)

  it("is nothing where that has nothing", function()
    assert.same({ n = 0 }, client:parallel(function() end, error))
  end)

  it("ends when its iterator fails", function()
    service.make_tokens(9, 60)
    local safe = service.client({ retries = 0 }, "apivideo.safe")
    service.faults { {}, { status = 500, match = { path = "/upload-tokens" } } }
    local results, err = safe:parallel(
      safe.upload_tokens:iterate { page_size = 2, prefetch = 0 },
      function(token) return token end)
    assert.is_nil(results)
    assert.equal("server_error", err.kind)
    safe:close()
    local ok, message = pcall(client.parallel, client,
      function() error("no more", 0) end, print)
    assert.is_false(ok)
    assert.equal("no more", message)
    assert.same({ 0, 0 }, { client:step(0) })
  end)

  it("leaves its iterator free, whatever ends it", function()
    service.make_tokens(9, 60)
    service.faults { { delay = 0.01, times = 50 } }
    local function stop() -- while another worker asks for an item
      client:sleep(0.001)
      error("enough", 0)
    end
    local walks = {
      tokens:iterate { page_size = 1, prefetch = 0 },
      tokens:pages { page_size = 2, prefetch = 0 },
      function() client:sleep(0.01) return 1 end,
      function() client:sleep(0.01) error "no more" end,
    }
    for _, walk in ipairs(walks) do
      pcall(client.parallel, client, walk, stop, { concurrency = 2 })
      assert.same({ 0, 0 }, { client:step(0.05) })
      local held = client.caller:scheduler().held
      assert.is_nil(next(held)) -- no lock is kept for anybody
    end
    assert.truthy(walks[1]())
    assert.truthy(walks[2]())
  end)
end)
