--- The same function for many items, some at a time.

local core = require "apivideo.core"
local misuse = require "apivideo.misuse"
local Task = require "apivideo.task"

local OPTIONS = { "concurrency", "on_error" }
local DEFAULT_CONCURRENCY = 16
local MOST_CONCURRENCY = 10000

local function check(items, body, options)
  if type(items) ~= "table" then
    misuse.raise("parallel", 1,
      "items must be a list, got " .. core.describe(items))
  end
  if type(body) ~= "function" then
    misuse.raise("parallel", 2,
      "what to do with an item must be a function, got " ..
      core.describe(body))
  end
  misuse.check_options("parallel", 3, options, OPTIONS)
  options = options or {}
  local most = options.concurrency or DEFAULT_CONCURRENCY
  if not (type(most) == "number" and most >= 1 and most % 1 == 0
      and most <= MOST_CONCURRENCY) then
    misuse.raise("parallel", 3,
      ("concurrency must be an integer from 1 to %d, got %s"):format(
        MOST_CONCURRENCY, core.describe(options.concurrency)))
  end
  if options.on_error ~= nil and options.on_error ~= "collect" then
    misuse.raise("parallel", 3, 'on_error must be "collect" or nil, got ' ..
      core.describe(options.on_error))
  end
  return most, options.on_error == "collect"
end

-- What an item's task came to: whether it failed, and its value or error. A
-- function may also fail as those of apivideo.safe do.
local function outcome(task)
  local value, err = task.results[1], task.results[2]
  if task.state ~= "done" then return true, value end
  if value == nil and core.is_error(err) then return true, err end
  return false, value
end

--- Calls `body(item, index)` for each item, each in a task of its own, and
-- gives the list of what they returned, in the order of the items. The first
-- failure cancels the rest and is raised, or else the errors take their
-- items' places.
---@param client apivideo.Client
---@param items any[]
---@param body function
---@param options apivideo.ParallelOptions?
---@return any[]
return function(client, items, body, options)
  local most, collects = check(items, body, options)
  client:check "parallel"
  local count = #items
  local results, running = {}, {}
  local begun, ended, failed, failure = 0, 0, false, nil
  local started, over = pcall(client.core.start, client.core, "pause")
  if not started then return client.fail(nil, over) end

  local function cancel_all()
    for task in pairs(running) do task:cancel() end
  end

  local begin_more
  local function note(task, index)
    running[task] = nil
    ended = ended + 1
    local bad, value = outcome(task)
    if not bad or collects then
      results[index] = value
    elseif not failed then
      failed, failure = true, value
      cancel_all()
    end
    if ended == count or failed then over:cancel() else begin_more() end
  end

  local filling = false
  function begin_more()
    if filling then return end -- a task that ended at once came back here
    filling = true
    while begun < count and begun - ended < most and not failed do
      begun = begun + 1
      local index, task = begun, Task.new(client)
      running[task] = true
      task:on_end(function() note(task, index) end)
      task:start(body, items[index], index)
    end
    filling = false
  end

  begin_more()
  if ended < count and not failed then client:await(over) end
  over:cancel()
  if failed then
    if core.is_error(failure) then return client.fail(nil, failure) end
    error(failure, 0)
  end
  if ended < count then -- who called us was cancelled
    failed = true
    cancel_all()
    return client.fail(nil,
      core.failure("parallel", "cancelled", "the task was cancelled"))
  end
  return results
end
