--- One call, the way every call of a client goes: begun, waited for, read, told
-- of. With `auth = "bearer"` a session sees to its access token.

local call_options = require "apivideo.util.call_options"
local core = require "apivideo.core"
local current = require "apivideo.sched.current"
local lazy = require "apivideo.util.lazy"
local misuse = require "apivideo.util.misuse"

local bearer = lazy "apivideo.call.bearer"
local explain_unauthorized = lazy "apivideo.call.explain_unauthorized"
local explain_way = lazy "apivideo.call.explain_way"
local log = lazy "apivideo.call.log"
local Scheduler = lazy "apivideo.sched.scheduler"

---@class apivideo.Caller
---@field engine apivideo.core.Client
---@field log function? takes events
--- Reports a failure: apivideo raises `err`, apivideo.safe returns
--- `placeholder, err` (nil from a call, false from an iterator).
---@field fail fun(placeholder: nil|false, err: apivideo.Error): any
--- Counters: creations and deletions by this client, one at their start and one
--- at their end. If a counter differs between two reads, the list may have
--- changed in between.
---@field changes table<string, integer>
---@field package driver table see `driver/README.md`
---@field package sched apivideo.Scheduler|false see `scheduler`
---@field closed boolean
---@field package session table|false sees to an access token, see `bearer`
---@field package has_key boolean
---@field package is_plain boolean no session, and no log
---@field package way table? see `explain_way`; nil: an option names the proxy
local Caller = {}
Caller.__index = Caller

local function session_of(self, read)
  if read.auth == "basic" then return false end
  local timeout = read.core.timeout or core.DEFAULT_TIMEOUT
  return bearer().new(self, read.core.api_key, timeout)
end

---@param read table see `options`
---@param fail function see `Caller`
---@return apivideo.Caller
function Caller.new(read, fail)
  local self = setmetatable({
    engine = read.engine, driver = read.driver, log = read.log, fail = fail,
    sched = false, closed = false, has_key = read.core.api_key ~= nil,
    way = read.core.proxy == nil and {
      base_url = read.core.base_url, environment = read.core.environment,
    } or nil,
    changes = { create_token = 0, delete_token = 0 },
  }, Caller)
  if self.log then log().warn(self.log) end
  self.session = session_of(self, read)
  self.is_plain = not self.session and not self.log
  if not self.is_plain then
    self:scheduler().on_abandon = self.session and self.session.abandon or nil
  end
  return self
end

--- The scheduler of the client, which is loaded and made when somebody first
-- waits beside others; where each call needs it, with the client.
---@return apivideo.Scheduler
function Caller:scheduler()
  local sched = self.sched
  if sched then return sched end
  sched = Scheduler().new(self.engine, self.driver)
  sched.log = self.log
  if self.driver.open then self.driver.open(sched) end
  if self.closed then sched:close() end
  self.sched = sched
  return sched
end

--- Ends all calls and tasks; later calls fail.
function Caller:close()
  self.closed = true
  if self.sched then self.sched:close() else self.engine:close() end
end

local function note_change(self, operation)
  local changes = self.changes
  if changes[operation] then changes[operation] = changes[operation] + 1 end
end

--- Begins one call with the credentials that there are; misuse raises.
---@return apivideo.core.Call? call or nil
---@return apivideo.Error? err
function Caller:begin_plain(operation, argument, options)
  local engine = self.engine
  if options then options = call_options.with_own_headers(options) end
  local started, call = pcall(
    engine.start, engine, operation, argument, options)
  if not started then
    if core.is_error(call) then return nil, call end
    misuse.rethrow(call)
  end
  note_change(self, operation)
  return call
end

-- Says in a failure what a person would have to find out.
local function explain(self, err)
  local load
  if err.status then
    load = not self.has_key and explain_unauthorized
  else
    load = self.way and explain_way
  end
  if not load then return end
  local found, explain_it = pcall(load) -- perhaps descriptors lack
  if found then explain_it(err, self.way) end
end

-- Reads what came of a call that is done.
local function read(self, call, operation)
  -- Count failed calls, too: the service may have carried them out.
  note_change(self, operation)
  local ok, value, response = pcall(core.result, call)
  if not ok and not core.is_error(value) then error(value, 0) end
  if not ok then explain(self, value) end
  return ok, value, response
end

--- Waits for a call that was begun, and reads what came of it.
---@return boolean ok
---@return any value or the error object
---@return apivideo.Response? response
function Caller:result(call, operation)
  self:scheduler():await(call)
  return read(self, call, operation)
end

--- Tells the log of a call that has ended.
---@param call apivideo.core.Call
---@param operation string
---@param err apivideo.Error?
function Caller:tell(call, operation, err)
  if self.log then self.log(log().event(call, operation, err)) end
end

--- Waits for a call that was begun, reads what came of it, and tells the log.
---@return boolean ok
---@return any value or the error object
---@return apivideo.Response? response
function Caller:finish_plain(call, operation)
  local ok, value, response = self:result(call, operation)
  self:tell(call, operation, not ok and value or nil)
  return ok, value, response
end

--- Begins a call with what its credentials need; misuse raises.
---@return apivideo.core.Call|table? call for `finish` alone, or nil
---@return apivideo.Error? err
function Caller:begin(operation, argument, options)
  local session = self.session
  if session then return session.begin(operation, argument, options) end
  return self:begin_plain(operation, argument, options)
end

--- Waits for a call of `begin`, as `finish_plain`.
---@return boolean ok
---@return any value or the error object
---@return apivideo.Response? response
function Caller:finish(call, operation)
  local session = self.session
  if session then return session.finish(call, operation) end
  return self:finish_plain(call, operation)
end

-- Whether the program would block for a call, and nobody go on meanwhile.
local function blocks_alone(self)
  return self.driver.blocks and not (self.sched and not self.sched:is_idle())
end

-- Carries out one call where nobody goes on meanwhile: all of it in C.
local function run_alone(self, operation, argument, options)
  local engine = self.engine
  if options then options = call_options.with_own_headers(options) end
  note_change(self, operation)
  local ok, value, response =
    pcall(engine[operation], engine, argument, options)
  note_change(self, operation)
  if ok then return value, response end
  if not core.is_error(value) then
    local is_misuse = type(value) == "string"
      and value:find("bad argument #", 1, true) == 1
    if is_misuse then misuse.rethrow(value) end
    error(value, 0) -- there is no memory, or a hook's
  end
  explain(self, value)
  return self.fail(nil, value)
end

-- Carries out one call in a task that can wait for it.
local function run_in_task(self, task, operation, argument, options)
  local call, err = self:begin_plain(operation, argument, options)
  if not call then return self.fail(nil, err) end
  task:suspend(call)
  local ok, value, response = read(self, call, operation)
  if ok then return value, response end
  return self.fail(nil, value)
end

--- Carries out one call for a public method: gives its result, or fails in the
-- client's way; misuse raises.
function Caller:run(operation, argument, options)
  local task = current.task()
  if self.is_plain then
    if not task and blocks_alone(self) then
      return run_alone(self, operation, argument, options)
    elseif task and task:is_free_to_wait(self.sched) then
      return run_in_task(self, task, operation, argument, options)
    end
  end
  self:scheduler():check(operation)
  local call, err = self:begin(operation, argument, options)
  if not call then return self.fail(nil, err) end
  local ok, value, response = self:finish(call, operation)
  if ok then return value, response end
  return self.fail(nil, value)
end

return Caller
