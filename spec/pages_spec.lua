local place = require "spec.support.place"
local service = require "spec.support.service"

-- The numbers of the pages that were asked for, in their order.
local function asked_for()
  local numbers = {}
  for i, request in ipairs(service.requests()) do
    numbers[i] = tonumber(request.path:match "currentPage=(%d+)")
      or tonumber(request.query and request.query:match "currentPage=(%d+)")
  end
  return numbers
end

describe("pages", function()
  local client

  service.with_client(function(...) client = ... end)

  it("gives the service's pages as they come", function()
    service.make_tokens(7, 60)
    local sizes = {}
    for page, response in client.upload_tokens:pages { page_size = 3 } do
      sizes[page.pagination.current_page] = #page.data
      assert.equal(200, response.status)
    end
    assert.same({ 3, 3, 1 }, sizes)
  end)

  it("gives one empty page when there are no tokens", function()
    local count = 0
    for page in client.upload_tokens:pages() do
      count = count + 1
      assert.same({}, page.data)
    end
    assert.equal(1, count)
  end)

  it("starts at the page that is asked for", function()
    service.make_tokens(7, 60)
    local query = { page_size = 3, current_page = 3 }
    for page in client.upload_tokens:pages(query) do
      assert.equal(3, page.pagination.current_page)
    end
    assert.equal(1, #service.requests())
  end)

  it("hands on a failure", function()
    service.faults { { status = 503, times = 3 } }
    local step = client.upload_tokens:pages()
    assert.equal("server_error", service.failure(step).kind)
  end)

  for _, most in ipairs { 0, 1, 3, 8 } do
    it("keeps " .. most .. " in flight ahead", function()
      service.make_tokens(40, 60)
      service.faults { { delay = 0.1, times = 20 } }
      local step = client.upload_tokens:pages {
        page_size = 2, prefetch = most,
      }
      step()
      assert.equal(most, client.core:in_flight())
    end)
  end

  it("keeps one in flight ahead unless told otherwise", function()
    service.make_tokens(6, 60)
    service.faults { { delay = 0.1, times = 3 } }
    local step = client.upload_tokens:pages { page_size = 2 }
    step()
    assert.equal(1, client.core:in_flight())
  end)

  it("sends what it fetches ahead before it is asked for it", function()
    service.make_tokens(6, 60)
    local step = client.upload_tokens:pages { page_size = 2 }
    step()
    assert(place.wait(function() return #service.requests() == 2 end))
    assert.same({ 1, 2 }, asked_for())
  end)

  it("come in their order, each once, however many are ahead", function()
    service.make_tokens(40, 60)
    service.faults { { delay = 0.02 }, {}, { delay = 0.01 } }
    local given = {}
    local query = { page_size = 2, prefetch = 5 }
    for page in client.upload_tokens:pages(query) do
      given[#given + 1] = page.pagination.current_page
    end
    for number = 1, 20 do assert.equal(number, given[number]) end
    assert.equal(20, #given)
    assert.equal(20, #asked_for())
  end)

  it("does not ask for more than there are", function()
    service.make_tokens(6, 60)
    local query = { page_size = 2, prefetch = 8 }
    for _ in client.upload_tokens:pages(query) do end -- luacheck: ignore 542
    assert.same({ 1, 2, 3 }, asked_for())
  end)

  it("asks again for one that failed ahead of its turn", function()
    service.make_tokens(6, 60)
    local given = {}
    local query = { page_size = 2, prefetch = 2 }
    for page in client.upload_tokens:pages(query, { retries = 0 }) do
      given[#given + 1] = page.pagination.current_page
      if #given == 1 then
        service.faults { { status = 500, match = { path = "/upload-tokens" } } }
      end
    end
    assert.same({ 1, 2, 3 }, given)
  end)

  it("are fetched ahead in a bearer session that is renewed", function()
    service.make_tokens(40, 86400)
    local bearer = service.client { auth = "bearer" }
    local numbers = {}
    local query = { page_size = 2, prefetch = 4 }
    for page in bearer.upload_tokens:pages(query) do
      numbers[#numbers + 1] = page.pagination.current_page
      if #numbers == 5 then service.settings { clock_offset = 7200 } end
    end
    for number = 1, 20 do assert.equal(number, numbers[number]) end
    assert.equal(20, #numbers)
    local renewals = 0
    for _, request in ipairs(service.requests()) do
      if request.path == "/auth/refresh" then renewals = renewals + 1 end
    end
    assert.equal(1, renewals)
    bearer:close()
  end)

  -- How many reads come before those that are fetched ahead.
  for method, reads in pairs { pages = 1, iterate = 2 } do
    it("of " .. method .. " are given up with a walk that is left", function()
      service.make_tokens(40, 60)
      service.faults { { times = reads }, { delay = 30, times = 99 } }
      local function begin() -- and hold nothing of it
        local tokens = client.upload_tokens
        local step = tokens[method](tokens, { page_size = 2, prefetch = 5 })
        step()
        assert.equal(5, client.core:in_flight())
        return step ~= nil -- it was there until now
      end
      coroutine.wrap(begin)() -- on a stack that is left, too
      for _ = 1, 2 do collectgarbage() end
      assert.equal(0, client.core:in_flight())
    end)
  end

  it("are fetched ahead in a task, too", function()
    service.make_tokens(10, 60)
    local task = client:spawn(function()
      local next_page, count = client.upload_tokens:pages {
        page_size = 2, prefetch = 3,
      }, 0
      while next_page() do count = count + 1 end
      return count
    end)
    assert.equal(5, task:await())
  end)

  it("end with the task that walks", function()
    service.make_tokens(10, 60)
    service.faults { {}, { delay = 30, times = 9 } }
    local task = client:spawn(function()
      local next_page = client.upload_tokens:pages {
        page_size = 2, prefetch = 3,
      }
      while next_page() do end -- luacheck: ignore 542
    end)
    assert(place.wait(function() return client:step(0.01) == 3 end))
    task:cancel()
    assert.equal("cancelled", service.failure(task.await, task).kind)
    assert.equal(0, client:step(0))
  end)
end)
