--- Failures of tasks that nobody awaited: told of when nobody can await them
-- any more, since the task was collected or its client closed.

local host = require "apivideo.util.host"
local log = require "apivideo.call.log"

---@class apivideo.Forgotten
---@field package client apivideo.Client
---@field package failures table<table, true>
local Forgotten = {}
Forgotten.__index = Forgotten

--- Those of a client.
---@param client apivideo.Client
---@return apivideo.Forgotten
function Forgotten.of(client)
  client.forgotten = client.forgotten
    or setmetatable({ client = client, failures = {} }, Forgotten)
  return client.forgotten
end

-- Something that calls `report` when it is collected.
local function sentinel(report)
  local newproxy = host.newproxy
  if newproxy then
    local proxy = newproxy(true)
    getmetatable(proxy).__gc = report
    return proxy
  end
  return setmetatable({}, { __gc = report })
end

--- Tells of a failure, unless that was done or it was taken back.
function Forgotten:tell(failure)
  if not self.failures[failure] then return end
  self.failures[failure] = nil
  local client = self.client
  local event = log.failure(client.core, failure.err)
  local sink = client.caller.log
  if sink then return sink(event) end
  log.trace_to_stderr(client.core, event, failure.trace)
end

--- Keeps the failure of a task.
---@param err any
---@param trace string? where it was raised
---@return table note to be kept by whoever can await the task
function Forgotten:note(err, trace)
  local failure = { err = err, trace = trace }
  self.failures[failure] = true
  local function report() pcall(self.tell, self, failure) end
  return { failure = failure, sentinel = sentinel(report) }
end

--- Somebody has taken it.
---@param note table
function Forgotten:take_back(note)
  self.failures[note.failure] = nil
end

--- Tells of all; of those that a log causes meanwhile, when they are collected.
function Forgotten:tell_all()
  local failures = {}
  for failure in pairs(self.failures) do failures[#failures + 1] = failure end
  for _, failure in ipairs(failures) do self:tell(failure) end
end

--- Where an error is being raised; nil where nobody can tell.
---@return string?
function Forgotten.trace()
  local debug = host.debug
  return debug and debug.traceback("", 3):gsub("^\n", "") or nil
end

return Forgotten
