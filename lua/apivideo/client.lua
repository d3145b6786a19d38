--- The client: options in, resources, and the end. Its calls are made by
-- `call.caller`, its tasks run by `sched`.

local Caller = require "apivideo.call.caller"
local current = require "apivideo.sched.current"
local lazy = require "apivideo.util.lazy"
local misuse = require "apivideo.util.misuse"
local read_options = require "apivideo.options"
local UploadTokens = require "apivideo.tokens"
local Videos = require "apivideo.videos"

local load_all = lazy "apivideo.all"
local parallel = lazy "apivideo.sched.parallel"
local run = lazy "apivideo.sched.run"
local sleep = lazy "apivideo.sched.sleep"
local Task = lazy "apivideo.sched.task"

---@class apivideo.Client
---@field upload_tokens apivideo.UploadTokens
---@field videos apivideo.Videos
---@field package core apivideo.core.Client
---@field package caller apivideo.Caller
---@field package fail function see `Caller`
---@field package forgotten apivideo.Forgotten? failures that nobody awaited
local Client = {}
Client.__index = Client

--- Makes a client; no I/O happens. The public way is `apivideo.new`.
---@param options apivideo.Options?
---@param fail function see `Caller`
---@return apivideo.Client
---@package
function Client.new(options, fail)
  local read = read_options(options)
  local caller = Caller.new(read, fail)
  if read.driver.loads_all then
    -- No frame, and no request, is to wait for a file later.
    load_all()
    caller:scheduler()
  end
  return setmetatable({
    core = read.engine, caller = caller, fail = fail,
    upload_tokens = UploadTokens.new(caller),
    videos = Videos.new(caller),
  }, Client)
end

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
  return Task().spawn(self, body, ...)
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
  local ok, err = sleep()(self.caller:scheduler(), seconds)
  if not ok then return self.fail(nil, err) end
  return ok
end

--- Moves bytes and tasks on, and waits up to that long for something to
-- happen.
---@param seconds number? 0 or nil: never waits
---@return integer calls in flight, those counted that can go on
---@return integer tasks that have work left
function Client:step(seconds)
  check(self, "step")
  if seconds == nil then seconds = 0 end
  misuse.check_seconds("step", "seconds", seconds)
  current.check_outside "step"
  return self.caller:scheduler():step(seconds)
end

--- Returns when no task is left.
function Client:run()
  check(self, "run")
  current.check_outside "run"
  run()(self.caller:scheduler())
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

--- Ends calls in flight as `cancelled`, tasks with them; later calls fail as
-- `closed`.
function Client:close()
  misuse.check_receiver(self, Client, "close", "client:close()")
  self.caller:close()
  if self.forgotten then self.forgotten:tell_all() end
end

Client.__close = Client.close

function Client:__tostring()
  return (tostring(self.core):gsub("%.core", ""))
end

return Client
