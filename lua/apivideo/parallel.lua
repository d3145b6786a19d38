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
  if task.state ~= "done" then
    task.heard = true
    return true, task.err
  end
  local value, err = task.results[1], task.results[2]
  if value == nil and core.is_error(err) then return true, err end
  return false, value
end

-- One use of `parallel`. Its state is in a table and not in locals of a
-- function that waits: nginx may drop who waits, and their locals with them.
---@class apivideo.Parallel
local Parallel = {}
Parallel.__index = Parallel

local function cancel_all(self)
  for task in pairs(self.running) do task:cancel() end
end

-- An item's task has ended.
function Parallel:note(task, index)
  self.running[task] = nil
  self.ended = self.ended + 1
  local bad, value = outcome(task)
  if not bad or self.collects then
    self.results[index] = value
  elseif not self.failed then
    self.failed, self.failure = true, value
    cancel_all(self)
  end
  if self.ended == self.count or self.failed then
    self.over:cancel()
  else
    self:begin_more()
  end
end

-- Whatever goes wrong there, for want of memory for example, ends it.
local function noter(self, task, index)
  return function()
    local ok, err = pcall(self.note, self, task, index)
    if ok then return end
    if not self.failed then self.failed, self.failure = true, err end
    self.over:cancel()
  end
end

function Parallel:begin_more()
  if self.filling then return end -- a task that ended at once came back here
  self.filling = true
  while self.begun < self.count and self.begun - self.ended < self.most
      and not self.over:done() do
    local index, task = self.begun + 1, Task.new(self.client)
    self.begun = index
    self.running[task] = true
    task:on_end(noter(self, task, index))
    task:start(self.body, self.items[index], index)
  end
  self.filling = false
end

-- Waits until nothing is left to be done.
---@return any[] results
function Parallel:finish()
  local client = self.client
  local ends
  if not self.over:done() and self.ended < self.count then
    ends = client:await(self.over)
  end
  self.over:cancel()
  local failure = self.failure
  if not self.failed and self.ended < self.count then
    self.failed = true
    cancel_all(self)
    if ends == false then
      misuse.rethrow("parallel would never end: its tasks wait for what will"
        .. " not happen")
    end
    -- Who called us was cancelled.
    failure =
      core.failure("parallel", "cancelled", "the task was cancelled")
  end
  if not self.failed then return self.results end
  if core.is_error(failure) then return client.fail(nil, failure) end
  return error(failure, 0)
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
  local started, over = pcall(client.core.start, client.core, "pause")
  if not started then return client.fail(nil, over) end
  local self = setmetatable({
    client = client, items = items, body = body,
    most = most, collects = collects,
    over = over, -- ends when nothing is left to be done
    count = #items, begun = 0, ended = 0,
    results = {}, running = {},
  }, Parallel)
  self:begin_more()
  return self:finish()
end
