-- Tasks of a host with a loop of its own, which steps and never waits.

local core = require "apivideo.core"
local patience = require "spec.support.patience"
local service = require "spec.support.service"

local UNKNOWN = "to1tcmSFHeYY5KzyhOqVKMKb"
-- With memory collected all the time, many take too long.
local MANY = os.getenv "APIVIDEO_GC" and 20 or 1000

describe("step", function()
  local client, tokens

  service.with_client(function(...) client, tokens = ... end, { driver = "step" })

  it("returns how many calls are in flight", function()
    assert.equal(0, client:step())
    service.faults { { delay = 0.1, times = 3 } }
    for _ = 1, 3 do client:spawn(tokens.list, tokens) end
    assert.equal(3, client:step(0))
    repeat until client:step(1) == 0
  end)

  it("with 0 never waits", function()
    service.faults { { delay = 0.5 } }
    client:spawn(tokens.list, tokens)
    local from, steps = core.now(), 0
    repeat steps = steps + 1 until client:step(0) == 0
    assert.is_true(steps > 100, steps)
    assert.is_true(core.now() - from >= 0.5)
  end)

  it("waits no longer than it may", function()
    service.faults { { delay = 0.5 } }
    client:spawn(tokens.list, tokens)
    local from = core.now()
    client:step(0.05)
    local waited = core.now() - from
    assert.is_true(waited >= 0.05 and waited < patience(0.3), waited)
  end)

  it("returns when something has happened", function()
    client:spawn(tokens.list, tokens)
    local from = core.now()
    repeat until client:step(30) == 0
    assert.is_true(core.now() - from < patience(5))
  end)

  it("does not wait when nothing is in flight", function()
    local from = core.now()
    client:step(5)
    assert.is_true(core.now() - from < patience(1))
  end)

  -- Steps as a host does with every frame, until the task has ended.
  local function finish(task)
    while task.state == "running" do client:step(0.01) end
    return task
  end

  it("is all that tasks need", function()
    local seen
    local task = client:spawn(function()
      local token = tokens:create_token { ttl = 60 }
      seen = tokens:get_token(token.token).ttl
      return "done"
    end)
    assert.equal("done", finish(task):await())
    assert.equal(60, seen)
  end)

  it("fails the task whose call failed", function()
    local task = client:spawn(tokens.get_token, tokens, UNKNOWN)
    assert.equal("not_found", service.failure(finish(task).await, task).kind)
  end)

  it("moves " .. MANY .. " tasks that await each other on", function()
    local last = client:spawn(tokens.create_token, tokens, { ttl = 60 })
    for _ = 1, MANY do
      local before = last
      last = client:spawn(function() return before:await() end)
    end
    assert.equal(60, finish(last):await().ttl)
  end)

  it("moves what a task does in parallel on", function()
    local task = client:spawn(function()
      return client:parallel({ 10, 20, 30 }, function(ttl)
        return tokens:create_token({ ttl = ttl }).ttl
      end)
    end)
    assert.same({ 10, 20, 30 }, finish(task):await())
  end)

  it("moves a walk with pages ahead on", function()
    service.make_tokens(20, 60)
    local task = client:spawn(function()
      local next_token, count = tokens:iterate {
        page_size = 3, prefetch = 4,
      }, 0
      while next_token() do count = count + 1 end
      return count
    end)
    assert.equal(20, finish(task):await())
  end)

  it("shows a cancelled task that its call has failed", function()
    service.faults { { delay = 5 } } -- whatever a step sees, it is no answer
    local safe = service.client({ driver = "step" }, "apivideo.safe")
    local kind
    local task = safe:spawn(function()
      local _, err = safe.upload_tokens:list()
      kind = err.kind
    end)
    safe:step(0)
    task:cancel()
    assert.equal("cancelled", kind)
    assert.equal(0, safe:step(0))
    safe:close()
  end)
end)
