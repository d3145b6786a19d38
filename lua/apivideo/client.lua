--- The client: one connection pool, one set of credentials, and the way that
-- every call goes through.

local core = require "apivideo.core"
local later = require "apivideo.util.lazy"
local explain_missing_key = require "apivideo.call.explain_unauthorized"
local misuse = require "apivideo.util.misuse"
local read_options = require "apivideo.options"
local running = require "apivideo.sched.current"
local upload_tokens = require "apivideo.tokens"
local videos = require "apivideo.videos"

local log = later "apivideo.call.log"
local parallel = later "apivideo.sched.parallel"
local session = later "apivideo.call.bearer"
local Task = later "apivideo.sched.task"

---@class apivideo.Client
---@field upload_tokens apivideo.UploadTokens
---@field videos apivideo.Videos
---@field package core apivideo.core.Client
---@field package calls table how a call is begun and finished
---@field package fail function
---@field package has_key boolean
---@field package changes table<string, integer> see `new`
---@field package driver table
---@field package log function?
---@field package tasks table<apivideo.Task, true> that are running
---@field package wakers table<number, table> who waits for a call, by number
--- Calls that end with a pause, by its number, see `wait_any`.
---@field package together table<number, table>
--- Who goes on as soon as they can, each with its `following`.
---@field package ready { first: table|false, last: table|false }
---@field package waking boolean somebody goes on just now
---@field package reminder apivideo.core.Call? that tasks are ready
---@field package unheard table<table, true> failures of tasks, not awaited yet
---@field package closed boolean? calls fail, so nobody waits any more
local Client = {}
Client.__index = Client

-- How calls are begun and finished: straight, or through a bearer session.
local function choose_calls(self, read)
  local calls = {
    begin = function(operation, argument, options)
      return self:begin(operation, argument, options)
    end,
    finish = function(call, operation)
      return self:finish(call, operation)
    end,
  }
  if read.auth == "basic" then return calls end
  local timeout = read.core.timeout or core.DEFAULT_TIMEOUT
  return session().new(self, read.core.api_key, timeout, calls)
end

-- What a variable of the environment says is nowhere in the caller's program.
local function name_variable(message, variables)
  local option = message:match "%(([%w_]+) "
  local variable = option and variables[option]
  if not variable then return message end
  return (message:gsub("%)$", "; it is from " .. variable .. ")"))
end

local function new_core(read)
  local ok, made = pcall(core.new, read.core)
  if ok then return made end
  return misuse.rethrow(name_variable(made, read.variables))
end

--- Makes a client; no I/O happens. The public way is `apivideo.new`.
-- `fail` gets what stands for the result of a call (nil) or for the step of an
-- iterator (false), and the error object; raises the latter or returns both.
---@param options apivideo.Options?
---@param fail function
---@return apivideo.Client
---@package
function Client.new(options, fail)
  local read = read_options(options)
  local self = setmetatable({
    core = new_core(read),
    driver = read.driver,
    log = read.log,
    fail = fail,
    has_key = read.core.api_key ~= nil,
    -- Beginnings and ends of our own calls that change the list: a walk needs
    -- to know whether one may have had its effect between two reads.
    changes = { create_token = 0, delete_token = 0 },
    tasks = {},
    wakers = {},
    together = {},
    ready = { first = false, last = false },
    waking = false,
    unheard = {},
  }, Client)
  if self.driver.open then self.driver.open(self) end
  if self.log then log().warn(self.log) end
  self.calls = choose_calls(self, read)
  self.upload_tokens = upload_tokens.new(self)
  self.videos = videos.new(self)
  return self
end

-- --- one call ---------------------------------------------------------------

local function note_change(self, operation)
  local changes = self.changes
  if changes[operation] then changes[operation] = changes[operation] + 1 end
end

--- Begins one call as it is; misuse raises.
---@return apivideo.core.Call? call or nil
---@return apivideo.Error? err
---@package
function Client:begin(operation, argument, options)
  local started, call = pcall(
    self.core.start, self.core, operation, argument, options)
  if not started then
    if core.is_error(call) then return nil, call end
    misuse.rethrow(call)
  end
  note_change(self, operation)
  return call
end

--- Waits for a call that was begun.
---@return boolean ok
---@return any value or the error object
---@return apivideo.Response? response
---@package
function Client:finish(call, operation)
  self:await(call)
  -- Also when it failed: its answer may have been lost, not its effect.
  note_change(self, operation)
  local ok, value, response = pcall(core.result, call)
  if not ok and not core.is_error(value) then error(value, 0) end
  if not ok and not self.has_key then explain_missing_key(value) end
  if self.log then
    self.log(log().event(call, operation, not ok and value or nil))
  end
  return ok, value, response
end

--- Carries out one call, with what its credentials need; misuse raises.
---@return boolean ok
---@return any value or the error object
---@return apivideo.Response? response
---@package
function Client:attempt(operation, argument, options)
  local calls = self.calls
  local call, err = calls.begin(operation, argument, options)
  if not call then return false, err end
  return calls.finish(call, operation)
end

--- Carries out one call for a public method: gives its result, or fails in
-- the client's way.
---@package
function Client:run(operation, argument, options)
  self:check(operation)
  local ok, value, response = self:attempt(operation, argument, options)
  if ok then return value, response end
  return self.fail(nil, value)
end

-- --- waiting ----------------------------------------------------------------

--- Raises misuse, in the name of `method`, where the caller cannot wait.
---@param method string
---@package
function Client:check(method)
  local check = self.driver.check
  if not (check or self.closed) then return end
  local task = running.task()
  if task and self.closed then task:see_end() end -- it will not wait
  if check and not (task and task:yields_for(self)) then check(method) end
end

--- Returns when the call is done. That of a task which was cancelled is.
---@param call apivideo.core.Call
---@return boolean? ends false: it would never have ended, and was cancelled
---@package
function Client:await(call)
  local task = running.task()
  if not task then return self.driver.await(self, call) end
  if core.done(call) then return end
  return task:wait(self, call)
end

--- `waiter:wake()` is called once, when the call has ended and the client
-- moves on.
---@param call apivideo.core.Call
---@param waiter table
---@package
function Client:watch(call, waiter)
  self.wakers[core.number(call)] = waiter
end

--- Nobody will come back to this call: whoever waited for it is gone.
---@param call apivideo.core.Call
---@package
function Client:abandon(call)
  local others = self.together[call:number()]
  self.wakers[call:number()] = nil
  self.together[call:number()] = nil
  call:cancel()
  for other in pairs(others or {}) do other:cancel() end
  local waiting
  for task in pairs(self.tasks) do
    if task.call == call then waiting = task end
  end
  if waiting then waiting:cancel() end
  if self.calls.abandon then self.calls.abandon(call) end
end

--- Who waited goes on, by its `resume`, when those before it have. It takes no
-- memory, which may be what there is none of.
---@param waiter table with a field `following`, false
---@package
function Client:enqueue(waiter)
  local ready = self.ready
  if waiter.following or waiter == ready.last then return end
  if ready.last then ready.last.following = waiter else ready.first = waiter end
  ready.last = waiter
end

-- Takes out who goes on next, or nil.
local function dequeue(ready)
  local waiter = ready.first
  if not waiter then return nil end
  ready.first = waiter.following
  if not ready.first then ready.last = false end
  waiter.following = false
  return waiter
end

-- Seconds after which a host gets its turn, and tasks go on at the next step.
local TURN = 0.0005
local NEXT_STEP = { timeout = 1e-6 }

-- Those can go on who wait for what has ended.
local function tell_ended(self)
  local numbers, wakers = self.core, self.wakers
  local number = numbers:ended()
  while number do
    local waiter = wakers[number]
    wakers[number] = nil
    if waiter then waiter:wake() end
    number = numbers:ended()
  end
end

-- Lets those go on that can, until nobody can or it is too late.
local function wake(self, latest)
  local ready, outer = self.ready, self.waking
  self.waking = true
  repeat
    tell_ended(self)
    local waiter = dequeue(ready)
    if waiter then waiter:resume() end
  until not waiter or latest and not self.closed and core.now() > latest
  tell_ended(self)
  self.waking = outer
  if ready.first then -- whoever watches the descriptor is to come back
    self.reminder = self.core:start("pause", nil, NEXT_STEP)
  end
end

--- Wakes who waits for what has ended. Inside a task that is for later, when
-- it waits itself.
---@package
function Client:wake()
  if not self.waking then wake(self) end
end

--- Wakes who waits for what has ended, if anybody waits at all.
---@package
function Client:settle()
  if next(self.wakers) or self.ready.first then wake(self) end
end

--- Moves bytes and tasks on; waits up to that long for something to end.
---@param seconds number 0: never waits, and does not take long
---@package
function Client:move(seconds)
  self.core:step(seconds)
  wake(self, seconds == 0 and core.now() + TURN or nil)
end

-- --- many calls -------------------------------------------------------------

local function check(self, method)
  misuse.check_receiver(self, Client, method, "client:" .. method .. "(…)")
end

--- Starts a function as a task, which runs beside its caller; it begins at
-- once.
---@param body function
---@param ... any its arguments
---@return apivideo.Task
function Client:spawn(body, ...)
  check(self, "spawn")
  if type(body) ~= "function" then
    misuse.raise("spawn", 1,
      "a task must be a function, got " .. core.describe(body))
  end
  local task = Task().new(self)
  task:start(body, ...)
  return task
end

--- Calls a function for each item, some at a time; see `parallel`.
---@param items any[]
---@param body fun(item: any, index: integer): any
---@param options apivideo.ParallelOptions?
---@return any[]
function Client:parallel(items, body, options)
  check(self, "parallel")
  return parallel()(self, items, body, options)
end

--- Moves bytes and tasks on, and waits up to that long for something to
-- happen.
---@param seconds number? 0 or nil: never waits
---@return integer calls in flight, those counted whose tasks have yet to go on
function Client:step(seconds)
  check(self, "step")
  if seconds == nil then seconds = 0 end
  if type(seconds) ~= "number" or not (seconds >= 0 and seconds <= 1e6) then
    misuse.raise("step", 1, "seconds must be a number from 0 to 1000000, got "
      .. core.describe(seconds))
  end
  if running.task() then
    misuse.rethrow("step cannot be called inside a task: tasks wait by making "
      .. "calls, and whoever runs them steps")
  end
  self.waking = false -- an error for want of memory may have left it
  self:move(seconds)
  local count, waiter = self.core:in_flight(), self.ready.first
  while waiter do
    count, waiter = count + 1, waiter.following
  end
  return count
end

--- A descriptor that is readable when `step` has something to do; nil where
-- the system has no such thing.
---@return integer?
function Client:fd()
  check(self, "fd")
  return misuse.guard(self.core.fd, self.core)
end

--- Seconds until a step is due even if the descriptor is not readable; nil:
-- nothing will happen by itself.
---@return number?
function Client:timeout()
  check(self, "timeout")
  return self.core:timeout()
end

-- --- the end ----------------------------------------------------------------

--- Tells, through `log`, of a task's failure that nobody awaited.
---@param failure { err: any }
---@package
function Client:tell(failure)
  if not self.unheard[failure] then return end
  self.unheard[failure] = nil
  if self.log then self.log(log().failure(self.core, failure.err)) end
end

--- Ends calls in flight as `cancelled`, tasks with them; later calls fail as
-- `closed`.
function Client:close()
  misuse.check_receiver(self, Client, "close", "client:close()")
  local release = self.driver.release
  if release then release(self) end
  self.closed = true
  self.core:close()
  local outer = self.waking
  self.waking = true -- all are cancelled before one goes on
  local task = next(self.tasks)
  while task do
    task:cancel()
    task = next(self.tasks)
  end
  self.waking = outer
  self:wake()
  for failure in pairs(self.unheard) do self:tell(failure) end
end

Client.__close = Client.close

function Client:__tostring()
  return (tostring(self.core):gsub("%.core", ""))
end

return Client
