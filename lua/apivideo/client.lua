--- The client: options in, resources, and the end. Its calls are made by
-- `call.caller`, its tasks run by `sched`.

local Caller = require "apivideo.call.caller"
local core = require "apivideo.core"
local current = require "apivideo.sched.current"
local lazy = require "apivideo.util.lazy"
local misuse = require "apivideo.util.misuse"
local read_options = require "apivideo.options"
local Scheduler = require "apivideo.sched.scheduler"
local UploadTokens = require "apivideo.tokens"
local Videos = require "apivideo.videos"

local load_all = lazy "apivideo.all"
local parallel = lazy "apivideo.sched.parallel"
local Task = lazy "apivideo.sched.task"

-- Seconds, the longest that a step or a sleep may take.
local LONGEST = 1000000
local SHORTEST = 1e-6 -- even that lets others go on

---@class apivideo.Client
---@field upload_tokens apivideo.UploadTokens
---@field videos apivideo.Videos
---@field package core apivideo.core.Client
---@field package sched apivideo.Scheduler
---@field package caller apivideo.Caller
---@field package fail function see `Caller`
---@field package forgotten apivideo.Forgotten? failures that nobody awaited
local Client = {}
Client.__index = Client

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
---@param options apivideo.Options?
---@param fail function see `Caller`
---@return apivideo.Client
---@package
function Client.new(options, fail)
  local read = read_options(options)
  local driver = read.driver
  -- No frame, and no request, is to wait for a file later.
  if driver.loads_all then load_all() end
  local engine = new_core(read)
  local sched = Scheduler.new(engine, driver)
  sched.log = read.log
  if driver.open then driver.open(sched) end
  local caller =
    Caller.new({ engine = engine, sched = sched, fail = fail }, read)
  return setmetatable({
    core = engine, sched = sched, caller = caller, fail = fail,
    upload_tokens = UploadTokens.new(caller),
    videos = Videos.new(caller),
  }, Client)
end

-- --- many calls -------------------------------------------------------------

local function check(self, method)
  misuse.check_receiver(self, Client, method, "client:" .. method .. "(…)")
end

local function check_seconds(method, seconds)
  if type(seconds) == "number" and seconds >= 0 and seconds <= LONGEST then
    return
  end
  misuse.raise(method, 1, "seconds must be a number from 0 to 1000000, got "
    .. core.describe(seconds))
end

-- Whoever runs tasks cannot be one.
local function check_outside(method)
  if not current.task() then return end
  misuse.rethrow(method .. " cannot be called inside a task: tasks wait by"
    .. " making calls, and whoever runs them steps")
end

--- Starts a function as a task, which runs beside its caller; it begins at
-- once.
---@param body function
---@param ... any its arguments
---@return apivideo.Task
function Client:spawn(body, ...)
  check(self, "spawn")
  if not misuse.is_callable(body) then
    misuse.raise("spawn", 1,
      "a task must be a function, got " .. core.describe(body))
  end
  local task = Task().new(self)
  task:start(body, ...)
  return task
end

--- Calls a function for each item, some at a time.
---@param items any[]|fun(): any a list, or an iterator
---@param body fun(item: any, index: integer): any
---@param options apivideo.ParallelOptions?
---@return any[] results with their number as n
---@return table<integer, any>? errors with on_error = "collect": by index
function Client:parallel(items, body, options)
  check(self, "parallel")
  return parallel()(self, items, body, options)
end

--- Waits; in a task without holding anybody up.
---@param seconds number
---@return true
function Client:sleep(seconds)
  check(self, "sleep")
  check_seconds("sleep", seconds)
  local sched = self.sched
  sched:check "sleep"
  if sched.closed then
    return self.fail(nil,
      core.failure("sleep", "closed", "the client is closed"))
  end
  sched:await(sched:pause(math.max(seconds, SHORTEST)))
  local cancelled = current.sees_cancel()
  if not cancelled and not sched.closed then return true end
  return self.fail(nil, core.failure("sleep", "cancelled",
    cancelled and "the task was cancelled" or "the client was closed"))
end

--- Moves bytes and tasks on, and waits up to that long for something to
-- happen.
---@param seconds number? 0 or nil: never waits
---@return integer calls in flight, those counted that can go on
---@return integer tasks that have work left
function Client:step(seconds)
  check(self, "step")
  if seconds == nil then seconds = 0 end
  check_seconds("step", seconds)
  check_outside "step"
  return self.sched:step(seconds)
end

--- Returns when no task is left.
function Client:run()
  check(self, "run")
  check_outside "run"
  self.sched:run()
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

--- Ends calls in flight as `cancelled`, tasks with them; later calls fail as
-- `closed`.
function Client:close()
  misuse.check_receiver(self, Client, "close", "client:close()")
  self.sched:close()
  if self.forgotten then self.forgotten:tell_all() end
end

Client.__close = Client.close

function Client:__tostring()
  return (tostring(self.core):gsub("%.core", ""))
end

return Client
