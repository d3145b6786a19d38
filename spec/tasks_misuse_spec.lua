-- Tasks that are called in the wrong place or with the wrong things.

local apivideo = require "apivideo"
local service = require "spec.support.service"

describe("misuse of tasks", function()
  local client, stepped

  service.with_client(function(...) client = ... end)
  service.with_client(function(...) stepped = ... end, { driver = "step" })

  local function says(expected, ...)
    local message = service.misuse(...)
    assert.truthy(message:find(expected, 1, true), message)
  end

  -- The message that a task fails with.
  local function task_says(expected, task)
    local ok, message = pcall(task.await, task)
    assert.is_false(ok)
    assert.truthy(tostring(message):find(expected, 1, true), message)
  end

  it("is a task that is no function", function()
    says("bad argument #1 to 'spawn' (a task must be a function, got 5)",
      client.spawn, client, 5)
  end)

  it("is a call outside of tasks when only tasks may wait", function()
    says("'list' would have to wait here: with driver = \"step\", call it"
      .. " inside client:spawn(function() … end)",
      stepped.upload_tokens.list, stepped.upload_tokens)
    assert.same({}, service.requests())
  end)

  it("is await where only tasks may wait", function()
    local task = stepped:spawn(
      stepped.upload_tokens.list, stepped.upload_tokens)
    says("'await' would have to wait here", task.await, task)
    repeat until stepped:step(1) == 0
    assert.same({}, task:await().data)
  end)

  it("is a walk where only tasks may wait", function()
    says("'iterate' would have to wait here", stepped.upload_tokens:iterate())
    says("'parallel' would have to wait here", stepped.parallel, stepped,
      { 1 }, function() end)
  end)

  it("is step inside a task", function()
    task_says("step cannot be called inside a task: ",
      client:spawn(function() client:step(0) end))
  end)

  it("is a time for step that is none", function()
    says("bad argument #1 to 'step' (seconds must be a number from 0 to"
      .. " 1000000, got -1)", client.step, client, -1)
    says("got \"x\")", client.step, client, "x")
    says("got nan)", client.step, client, 0 / 0)
  end)

  it("is a task that awaits itself", function()
    local task
    task = client:spawn(function()
      coroutine.yield()
      task:await()
    end)
    task_says("a task cannot await itself", task)
  end)

  it("is one that awaits itself from a coroutine of its own", function()
    local task
    task = client:spawn(function()
      coroutine.yield()
      return coroutine.wrap(function() return task:await() end)()
    end)
    task_says("a task cannot await itself", task)
  end)

  it("is tasks that await each other", function()
    local first, second
    first = client:spawn(function()
      coroutine.yield()
      return second:await()
    end)
    second = client:spawn(function() return first:await() end)
    task_says("await would never end: that task waits for this one", first)
    task_says("await would never end: that task waits for this one", second)
  end)

  -- A task that waits for itself, where no one task can see it.
  local function entangled()
    local task
    task = client:spawn(function()
      coroutine.yield()
      client:parallel({ 1 }, function() task:await() end)
    end)
    return task
  end

  it("is await for what can never happen", function()
    local task = entangled()
    says("await would never end: that task waits for what will not happen",
      task.await, task)
    assert.equal("running", task.state)
    task:cancel()
    assert.equal("cancelled", task.state)
  end)

  it("is parallel for what can never happen", function()
    local task = entangled()
    local waiting
    says("parallel would never end: its tasks wait for what will not happen",
      client.parallel, client, { 1 }, function()
        waiting = true
        task:await()
      end)
    assert.is_true(waiting)
    task:cancel()
    assert.same({}, client.upload_tokens:list().data)
  end)

  it("is a method without its colon", function()
    local task = client:spawn(function() end)
    says("calling 'await' needs a colon: task:await()", task.await)
    says("calling 'cancel' needs a colon: task:cancel()", task.cancel, {})
    says("calling 'spawn' needs a colon: client:spawn(…)",
      client.spawn, print)
    says("calling 'step' needs a colon: client:step(…)", client.step)
    says("calling 'fd' needs a colon", client.fd)
    says("calling 'timeout' needs a colon", client.timeout)
    says("calling 'parallel' needs a colon", client.parallel)
  end)

  it("leaves apivideo usable", function()
    pcall(client.spawn, client)
    assert.is_table(client.upload_tokens:list())
    assert.is_function(apivideo.new)
  end)
end)
