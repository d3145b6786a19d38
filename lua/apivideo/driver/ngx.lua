--- The driver inside nginx: a request or a timer waits for its call while the
-- worker serves others; the pump moves the calls on.

local block = require "apivideo.driver.block"
local core = require "apivideo.core"
local misuse = require "apivideo.util.misuse"

if type(ngx) ~= "table" or not ngx.get_phase then
  error("it works inside nginx only", 0)
end

local pump = require "apivideo.driver.ngx_pump"
local wait = require "apivideo.driver.ngx_wait"

local driver = { loads_all = true, runs_tasks = true }

-- Whether nginx has the patches of OpenResty: one of them shows by its name.
local function is_patched()
  local ffi = require "ffi"
  ffi.cdef [[
    extern uintptr_t apivideo_patch __asm__("ngx_is_privileged_agent");
  ]]
  return (pcall(function() return ffi.C.apivideo_patch end))
end

local PATCHED = is_patched()

-- The phases in which nginx lets Lua wait. In those of a TLS handshake only
-- one that was patched for it does, and another one ends the handshake.
local WAITS = {
  server_rewrite = true, rewrite = true, access = true, precontent = true,
  content = true, timer = true,
  ssl_cert = PATCHED, ssl_client_hello = PATCHED,
}

-- Nothing is served yet, or any more: the worker itself may wait.
local BLOCKS = { init = true, init_worker = true, exit_worker = true }

-- nginx's own coroutines are those of a request; Lua's are still there.
-- luacheck: push ignore 143
local create = coroutine._create or coroutine.create
local resume = coroutine._resume or coroutine.resume
local status = coroutine._status or coroutine.status
-- luacheck: pop

--- Raises where a call cannot be waited for.
---@param method string
function driver.check(method)
  local phase = ngx.get_phase()
  if BLOCKS[phase] then return end
  if not WAITS[phase] then
    local text = "'%s' cannot wait in nginx's phase %s: call it in rewrite, "
      .. "access or content, or in a timer (ngx.timer.at)"
    misuse.rethrow(text:format(method, phase))
  end
  -- A yield would not get through, and nginx would not know.
  if not core.can_yield() then
    local text = "'%s' cannot wait inside a C function that calls Lua, such as"
      .. " require, table.sort or string.gsub: call it outside"
    misuse.rethrow(text:format(method))
  end
end

--- The pump moves a client on whenever a call of it was started.
---@param sched apivideo.Scheduler
function driver.open(sched)
  sched:follow()
end

--- Returns when the call is done.
---@param sched apivideo.Scheduler
---@param call apivideo.core.Call
function driver.await(sched, call)
  if BLOCKS[ngx.get_phase()] then return block.await(sched, call) end
  if call:done() then return end
  wait.await(sched, call, pump.push)
  pump.settle()
end

--- Lets calls that were started move on although nobody waits for them.
---@param sched apivideo.Scheduler
function driver.push(sched)
  if ngx.get_phase() ~= "init" then pump.push(sched) end
end

-- Where the worker itself waits, nobody would resume what yields.
local function run_to_its_end(run)
  local thread = create(run)
  repeat assert(resume(thread)) until status(thread) == "dead"
end

--- Runs a function beside the caller, as a light thread of its request;
-- where the worker itself waits, at once and to its end.
---@param run fun()
---@param task apivideo.Task cancelled when nginx drops the thread with its
-- request
function driver.spawn(run, task)
  if BLOCKS[ngx.get_phase()] then return run_to_its_end(run) end
  wait.spawn(run, task)
end

driver.give_up = wait.give_up

return driver
