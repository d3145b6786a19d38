--- The same function for many items, some at a time.

local core = require "apivideo.core"
local misuse = require "apivideo.util.misuse"
local Task = require "apivideo.sched.task"

local OPTIONS = { "concurrency", "on_error" }
local DEFAULT_CONCURRENCY = 16
local MOST_CONCURRENCY = 10000

-- Nothing would be done for it, in silence. The n of table.pack is no item.
local function has_names_only(items)
  if #items > 0 then return false end
  local key = next(items)
  if key == "n" then key = next(items, key) end
  return key ~= nil
end

local function check(items, body, options)
  if type(items) ~= "table" then
    misuse.raise("parallel", 1,
      "items must be a list, got " .. core.describe(items))
  end
  if has_names_only(items) then
    misuse.raise("parallel", 1, "items must be a list, got a table that is"
      .. " none; of a page, give its data")
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

-- One use of `parallel`. Its state is in a table and not in locals of a
-- function that waits: nginx may drop who waits, and their locals with them.
---@class apivideo.Parallel
local Parallel = {}
Parallel.__index = Parallel

-- Who is between two items ends by itself.
local function cancel_all(self)
  for worker in pairs(self.workers) do
    if worker.index then worker.task:cancel() end
  end
end

-- Ends it: nothing is begun any more.
local function fail(self, failure)
  if self.failed then return end
  self.failed, self.failure = true, failure
  self.over:cancel()
  cancel_all(self)
end

-- What an item came to. A function may also fail as those of apivideo.safe do.
function Parallel:note(index, ok, value, err)
  self.ended = self.ended + 1
  if ok and value == nil and core.is_error(err) then ok, value = false, err end
  if ok or self.collects then
    self.results[index] = value
  else
    fail(self, value)
  end
  if self.ended == self.count then self.over:cancel() end
end

-- Takes one item after the other while there are any. Lua 5.1 cannot protect
-- what waits: there, an item that fails ends its worker.
---@param worker { task: apivideo.Task, index: integer|false }
function Parallel:work(worker)
  while self.begun < self.count and not core.done(self.over) do
    local index = self.begun + 1
    self.begun, worker.index = index, index
    local ok, value, err = Task.protect(self.body, self.items[index], index)
    if worker.task.state ~= "running" then return end -- noted by its end
    worker.index = false
    self:note(index, ok, value, err)
  end
end

-- A worker has ended: by itself, or because it failed or was cancelled in the
-- midst of an item.
function Parallel:dismiss(worker)
  local task, index = worker.task, worker.index
  self.workers[worker] = nil
  self.working = self.working - 1
  if task.state == "done" then return end
  task.heard = true
  if not index then return fail(self, task.err) end
  self:note(index, false, task.err)
  self:begin_more()
end

-- Whatever goes wrong there, for want of memory for example, ends it.
local function dismisser(self, worker)
  return function()
    local ok, err = pcall(self.dismiss, self, worker)
    if not ok then fail(self, err) end
  end
end

function Parallel:begin_more()
  if self.filling then return end -- a worker that ended at once came back here
  self.filling = true
  while self.begun < self.count and self.working < self.most
      and not self.over:done() do
    local worker = { task = Task.new(self.client), index = false }
    self.workers[worker] = true
    self.working = self.working + 1
    worker.task:on_end(dismisser(self, worker))
    worker.task:start(self.work, self, worker)
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

--- Calls `body(item, index)` for each item, in tasks beside each other, and
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
  if client.closed then
    return client.fail(nil,
      core.failure("parallel", "closed", "the client is closed"))
  end
  local started, over = pcall(client.core.start, client.core, "pause")
  if not started then return client.fail(nil, over) end
  local self = setmetatable({
    client = client, items = items, body = body,
    most = most, collects = collects,
    over = over, -- ends when nothing is left to be done
    count = #items, begun = 0, ended = 0,
    results = {}, workers = {}, working = 0,
  }, Parallel)
  self:begin_more()
  return self:finish()
end
