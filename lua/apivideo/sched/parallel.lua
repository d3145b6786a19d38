--- The same function for many items, some at a time.

local core = require "apivideo.core"
local coroutines = require "apivideo.sched.coroutines"
local current = require "apivideo.sched.current"
local Lock = require "apivideo.sched.lock"
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

-- Raises unless it is a list or an iterator.
local function check_items(items)
  if misuse.is_callable(items) then return end
  if type(items) ~= "table" then
    misuse.raise("parallel", 1,
      "items must be a list or an iterator, got " .. core.describe(items))
  end
  if has_names_only(items) then
    misuse.raise("parallel", 1, "items must be a list, got a table that is"
      .. " none; of a page, give its data")
  end
end

local function check(items, body, options)
  check_items(items)
  if not misuse.is_callable(body) then
    misuse.raise("parallel", 2,
      "what to do with an item must be a function, got " ..
      core.describe(body))
  end
  misuse.check_options("parallel", 3, options, OPTIONS)
  options = options or {}
  local most = options.concurrency
  if most == nil then most = DEFAULT_CONCURRENCY end
  if not (type(most) == "number" and most >= 1 and most % 1 == 0
      and most <= MOST_CONCURRENCY) then
    misuse.raise("parallel", 3,
      ("concurrency must be an integer from 1 to %d, got %s"):format(
        MOST_CONCURRENCY, core.describe(most)))
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

-- The worker that is running, if one is, ends by itself.
local function cancel_all(self)
  local running = current.task()
  for worker in pairs(self.workers) do
    if worker.task ~= running then worker.task:cancel() end
  end
end

-- Ends it: nothing is begun any more.
local function fail(self, failure)
  if self.failed then return end
  self.failed, self.failure = true, failure
  self.over:cancel()
  cancel_all(self)
end

local function end_if_all_is_done(self)
  if self.count and self.ended >= self.count then self.over:cancel() end
end

-- What an item came to. A function may also fail as those of apivideo.safe do.
function Parallel:note(index, ok, value, err)
  self.ended = self.ended + 1
  if ok and value == nil and core.is_error(err) then ok, value = false, err end
  if ok then
    self.results[index] = value
  elseif self.collects then
    self.errors = self.errors or {}
    self.errors[index] = value == nil and "nil" or value
  else
    fail(self, value)
  end
  end_if_all_is_done(self)
end

-- The next item of a list.
local function take_from_list(self)
  if self.begun >= self.count then return nil end
  self.begun = self.begun + 1
  return self.begun, self.items[self.begun]
end

local function ask_iterator(_, self)
  if not self.count then return self.items() end
end

-- The next item of an iterator, which one worker at a time calls: it may wait.
local function take_from_iterator(self)
  local item, err = self.turn:call("parallel", ask_iterator, self)
  if not item and core.is_error(err) then
    fail(self, err)
  elseif item == nil then
    self.count = self.count or self.begun
    end_if_all_is_done(self)
  else
    self.begun = self.begun + 1
    return self.begun, item
  end
end

-- Takes one item after the other while there are any. Lua 5.1 cannot protect
-- what waits: there, an item that fails ends its worker.
---@param worker { task: apivideo.Task, index: integer|false }
function Parallel:work(worker)
  while not self.over:done() do
    local index, item = self:take()
    if not index then return end
    worker.index = index
    local ok, value, err = coroutines.protect(self.body, item, index)
    if worker.task.state ~= "running" then return end -- noted by its end
    worker.index = false
    self:note(index, ok, value, err)
  end
end

-- Why nobody goes on, where a worker or who called us was cancelled.
local function cancelled(self)
  local is_closed = self.sched:is_closed()
  return core.failure("parallel", "cancelled",
    is_closed and "the client was closed" or "the task was cancelled")
end

-- A worker has ended: by itself, or because it failed or was cancelled in the
-- midst of an item.
function Parallel:dismiss(worker)
  if not self.workers[worker] then return end
  local task, index = worker.task, worker.index
  self.workers[worker] = nil
  self.working = self.working - 1
  if task.state == "done" then return end
  task:claim()
  local err = task.state == "cancelled" and cancelled(self) or task.err
  if not index then return fail(self, err) end
  self:note(index, false, err)
  self:begin_more()
end

-- Whatever goes wrong there, for want of memory for example, ends it.
local function dismisser(self, worker)
  return function()
    local ok, err = pcall(self.dismiss, self, worker)
    if not ok then fail(self, err) end
  end
end

-- Whether there may be items that nobody has begun.
local function has_more(self)
  return not self.count or self.begun < self.count
end

function Parallel:begin_more()
  if self.filling then return end -- a worker that ended at once came back here
  self.filling = true
  while has_more(self) and self.working < self.most and not self.over:done() do
    local worker = { task = Task.new(self.client), index = false }
    self.workers[worker] = true
    self.working = self.working + 1
    worker.task:watch_end(dismisser(self, worker))
    worker.task:start(self.work, self, worker)
  end
  self.filling = false
end

-- Begins, and waits until nothing is left to be done.
---@return boolean? ends see `Scheduler:await`
function Parallel:run()
  self:begin_more()
  end_if_all_is_done(self)
  if self.over:done() then return end
  return self.sched:await(self.over)
end

-- What it came to.
---@return any[] results
---@return table? errors
function Parallel:outcome(ends)
  local client = self.client
  self.over:cancel()
  local is_done = self.count and self.ended >= self.count
  if not self.failed and not is_done then
    fail(self, nil)
    if ends == false then
      misuse.rethrow("parallel would never end: its tasks wait for what will"
        .. " not happen")
    end
    self.failure = cancelled(self)
  end
  if not self.failed then
    self.results.n = self.count
    if self.collects then return self.results, self.errors end
    return self.results
  end
  if core.is_error(self.failure) then return client.fail(nil, self.failure) end
  return error(self.failure, 0)
end

-- An error that struck us, of a hook for example, takes the workers along. In
-- Lua 5.1 that is known when it has ended the task.
local function run_protected(self)
  local task = coroutines.unprotected() and current.task()
  local function stop() cancel_all(self) end
  if task then task:watch_end(stop) end
  local ok, ends = coroutines.protect(self.run, self)
  if task then task:unwatch_end(stop) end
  if ok then return self:outcome(ends) end
  fail(self, ends)
  return error(ends, 0)
end

--- Calls `body(item, index)` for each item, in tasks beside each other, and
-- gives the list of what they returned, in the order of the items, with their
-- number as `n`. The first failure cancels the rest and is raised, or else the
-- errors are in a table of their own.
---@param client apivideo.Client
---@param items any[]|fun(): any
---@param body function
---@param options apivideo.ParallelOptions?
---@return any[] results
---@return table<integer, any>? errors by index, nil: there are none
return function(client, items, body, options)
  local most, collects = check(items, body, options)
  local sched = client.caller:scheduler()
  sched:check "parallel"
  if sched:is_closed() then
    return client.fail(nil,
      core.failure("parallel", "closed", "the client is closed"))
  end
  local started, over = pcall(sched.pause, sched)
  if not started then return client.fail(nil, over) end
  local is_iterator = misuse.is_callable(items)
  return run_protected(setmetatable({
    client = client, sched = sched, items = items, body = body,
    take = is_iterator and take_from_iterator or take_from_list,
    turn = is_iterator and Lock.new(sched),
    most = most, collects = collects,
    over = over, -- ends when nothing is left to be done
    count = not is_iterator and #items or nil, -- nil: not known yet
    begun = 0, ended = 0, results = {}, workers = {}, working = 0,
  }, Parallel))
end
