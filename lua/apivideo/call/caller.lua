--- One call, the way every call of a client goes: begun, waited for, read, told
-- of. With `auth = "bearer"` a session sees to its access token.

local call_options = require "apivideo.util.call_options"
local core = require "apivideo.core"
local explain_unauthorized = require "apivideo.call.explain_unauthorized"
local lazy = require "apivideo.util.lazy"
local misuse = require "apivideo.util.misuse"

local bearer = lazy "apivideo.call.bearer"
local explain_way = lazy "apivideo.call.explain_way"
local log = lazy "apivideo.call.log"

---@class apivideo.Caller
---@field engine apivideo.core.Client
---@field sched apivideo.Scheduler
---@field log function? takes events
--- Reports a failure: apivideo raises `err`, apivideo.safe returns
--- `placeholder, err` (nil from a call, false from an iterator).
---@field fail fun(placeholder: nil|false, err: apivideo.Error): any
--- Counters: creations and deletions by this client, one at their start and one
--- at their end. If a counter differs between two reads, the list may have
--- changed in between.
---@field changes table<string, integer>
--- `begin` and `finish` of a call with what its credentials need.
---@field auth table
---@field package has_key boolean
---@field package settings table? of a client that no option tells its proxy
local Caller = {}
Caller.__index = Caller

-- How calls are begun and finished: straight, or through a bearer session.
local function auth_of(self, read)
  local basic = {
    begin = function(operation, argument, options)
      return self:begin(operation, argument, options)
    end,
    finish = function(call, operation)
      return self:finish(call, operation)
    end,
  }
  if read.auth == "basic" then return basic end
  local timeout = read.core.timeout or core.DEFAULT_TIMEOUT
  return bearer().new(self, read.core.api_key, timeout, basic)
end

---@param it { engine: apivideo.core.Client, sched: apivideo.Scheduler,
-- fail: function }
---@param read table see `options`
---@return apivideo.Caller
function Caller.new(it, read)
  it.log = read.log
  it.has_key = read.core.api_key ~= nil
  it.settings = read.core.proxy == nil and read.core or nil
  it.changes = { create_token = 0, delete_token = 0 }
  local self = setmetatable(it, Caller)
  if self.log then log().warn(self.log) end
  self.auth = auth_of(self, read)
  it.sched.on_abandon = self.auth.abandon
  return self
end

local function note_change(self, operation)
  local changes = self.changes
  if changes[operation] then changes[operation] = changes[operation] + 1 end
end

--- Begins one call as it is; misuse raises.
---@return apivideo.core.Call? call or nil
---@return apivideo.Error? err
function Caller:begin(operation, argument, options)
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

--- Waits for a call that was begun, and reads what came of it.
---@return boolean ok
---@return any value or the error object
---@return apivideo.Response? response
function Caller:result(call, operation)
  self.sched:await(call)
  -- Count failed calls, too: the service may have carried them out.
  note_change(self, operation)
  local ok, value, response = pcall(core.result, call)
  if not ok and not core.is_error(value) then error(value, 0) end
  if ok then return ok, value, response end
  if not self.has_key then explain_unauthorized(value) end
  if self.settings and not value.status then
    local found, explain = pcall(explain_way) -- it may be descriptors that lack
    if found then explain(value, self.settings) end
  end
  return ok, value
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
function Caller:finish(call, operation)
  local ok, value, response = self:result(call, operation)
  if self.log then self:tell(call, operation, not ok and value or nil) end
  return ok, value, response
end

--- Carries out one call for a public method: gives its result, or fails in the
-- client's way; misuse raises.
function Caller:run(operation, argument, options)
  self.sched:check(operation)
  local auth = self.auth
  local call, err = auth.begin(operation, argument, options)
  if not call then return self.fail(nil, err) end
  local ok, value, response = auth.finish(call, operation)
  if ok then return value, response end
  return self.fail(nil, value)
end

return Caller
