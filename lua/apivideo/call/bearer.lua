--- Bearer: the key is exchanged for an access token, which is renewed before it
-- expires, one renewal at a time. It is made of closures, so that nobody who
-- prints a client sees the secrets in it.

local call_options = require "apivideo.util.call_options"
local core = require "apivideo.core"
local coroutines = require "apivideo.sched.coroutines"
local current = require "apivideo.sched.current"
local misuse = require "apivideo.util.misuse"

local bearer = {}

-- The part of its lifetime that an access token is used for.
local USED = 0.9

-- Seconds that a call must at least be given.
local LEAST = 0.001

-- Seconds after its deadline that a renewal may take to end.
local SLACK = 1

local function left(deadline)
  return math.max(deadline - core.now(), LEAST)
end

-- The caller's options with what is left until the deadline.
local function options_until(deadline, options)
  local copy = call_options.copy(options)
  copy.timeout = left(deadline)
  return copy
end

-- The service says of a wrong key that the request was bad; with basic auth it
-- is unauthorized.
local function explain_wrong_key(err)
  local says = type(err.type) == "string" and err.type or ""
  local is_wrong_key = says:find "invalid%-user%-credentials$" ~= nil
  if err.kind ~= "bad_request" or not is_wrong_key then return end
  err.kind = "unauthorized"
  err.message = err.message:gsub("bad_request", "unauthorized", 1)
end

-- A call that was begun, and what it takes to begin it once more.
local Pending = {}
Pending.__index = Pending

function Pending:cancel()
  self.call:cancel()
end

--- `begin` and `finish` of calls with a valid access token, and `abandon`.
---@param caller apivideo.Caller
---@param api_key string
---@param timeout number seconds of a call that has no timeout of its own
---@return table
function bearer.new(caller, api_key, timeout)
  local engine, sched = caller.engine, caller:scheduler()
  local refresh_token
  local renew_at = 0
  local renewals = 0 -- that came to something
  local renewal -- the one that is going on

  -- Without memory it raises before anything is taken for renewed.
  local function accept(pair)
    engine:set_access_token(pair.access_token)
    refresh_token = pair.refresh_token
    renew_at = core.now() + pair.expires_in * USED
    renewals = renewals + 1
  end

  local function send(it, operation, secret, own)
    local call, err = caller:begin_plain(
      operation, secret, options_until(it.deadline, own))
    if not call then return false, err end
    it.call = call
    return caller:finish_plain(call, operation)
  end

  -- A refresh token serves once: it is given up before it is sent, and
  -- whatever goes wrong with it, the key remains.
  local function exchange(it, options)
    local own = { retries = options and options.retries }
    local spent = refresh_token
    refresh_token = nil
    if spent then
      local ok, pair = send(it, "refresh", spent, own)
      if ok then
        accept(pair)
        return true
      end
      if pair.kind == "too_many_requests" then
        refresh_token = spent -- it was not looked at, nor would the key be
        return false, pair
      end
      if pair.kind == "cancelled" or core.now() >= it.deadline then
        return false, pair
      end
    end
    local ok, pair = send(it, "authenticate", api_key, own)
    if ok then accept(pair) else explain_wrong_key(pair) end
    return ok, pair
  end

  -- The renewal is over: who waited for it goes on.
  local function release(it)
    if renewal == it then renewal = nil end
    it.over = true
    for _, pause in ipairs(it.waiting) do pause:cancel() end
    sched:wake()
  end

  -- What cannot be caught ends the task that renews: see `unprotected`.
  local function release_when_task_fails(it)
    local task = coroutines.unprotected() and current.task()
    if not task then return end
    task:watch_end(function()
      if task.state == "failed" then release(it) end
    end)
  end

  local function exchange_for_all(it, options)
    renewal = it
    it.ok, it.err = exchange(it, options)
    release(it)
    return it.ok, it.err
  end

  local function renew(deadline, options)
    -- With all its fields: none takes memory later.
    local it = {
      waiting = {}, deadline = deadline,
      call = false, ok = false, err = false, over = false,
      thread = coroutine.running() or false,
    }
    release_when_task_fails(it)
    local alive, ok, err = coroutines.protect(exchange_for_all, it, options)
    if alive then return ok, err end
    release(it) -- an error struck it, of a hook for example
    return error(ok, 0)
  end

  -- Whether those who waited share the outcome. A timeout or a cancelled task
  -- concerns only the one who renewed: they renew by themselves.
  local function is_shared(it)
    if it.ok then return true end
    local kind = it.err and it.err.kind
    return kind and kind ~= "timeout" and kind ~= "cancelled"
  end

  -- → true when it is over, or false and why nobody waits for it any more
  local function await_renewal(it, operation, deadline)
    local pause = sched:pause(left(deadline))
    it.waiting[#it.waiting + 1] = pause
    sched:await(pause)
    local err = current.see_cancel(operation)
    if err then return false, err end
    if it.over then return true end
    return false, core.failure(
      operation, "timeout", "no access token came before the deadline")
  end

  -- Whether we would wait for ourselves: the coroutine that renews has resumed
  -- this one, or one that did, and this one cannot yield to it.
  local function is_held_up(it)
    local task = current.task()
    if task and task:yields_for(sched) then return false end
    -- One of ours, that an error of a hook has left, or Lua 5.1's main program.
    if not it.thread or it.thread == coroutine.running() then return true end
    local status = coroutine.status(it.thread)
    return status == "normal" or status == "dead"
  end

  -- Renews the access token, or waits for who does already.
  local function renew_or_wait(operation, deadline, options)
    local it = renewal
    -- One that is over, but does not know it, had no memory to say so.
    while it and core.now() < it.deadline + SLACK and not is_held_up(it) do
      local ok, err = await_renewal(it, operation, deadline)
      if not ok then return false, err end
      if is_shared(it) then return it.ok, it.err end
      it = renewal
    end
    return renew(deadline, options)
  end

  local function begin(operation, argument, options)
    -- Before a renewal, too, nothing is sent for a call that cannot be right.
    local fine, err = pcall(engine.check, engine, operation,
      operation, argument, options)
    if not fine then
      if core.is_error(err) then return nil, err end -- closed
      misuse.rethrow(err)
    end
    local now = core.now()
    local deadline = now + (options and options.timeout or timeout)
    local renewed, own = now >= renew_at, options
    if renewed then
      local ok, why = renew_or_wait(operation, deadline, options)
      if not ok then return nil, why end
      own = options_until(deadline, options)
    end
    local call, why = caller:begin_plain(operation, argument, own)
    if not call then return nil, why end
    return setmetatable({
      call = call,
      argument = argument,
      options = options,
      deadline = deadline,
      renewed = renewed,
      renewals = renewals,
    }, Pending)
  end

  local function finish(pending, operation)
    local ok, value, response = caller:finish_plain(pending.call, operation)
    -- The service may end a token early; once a call is enough to notice.
    if ok or pending.renewed or value.kind ~= "unauthorized" then
      return ok, value, response
    end
    local deadline, options = pending.deadline, pending.options
    if pending.renewals == renewals then -- or else it was renewed meanwhile
      local again, why = renew_or_wait(operation, deadline, options)
      if not again then return false, why end
    end
    local call, err = caller:begin_plain(
      operation, pending.argument, options_until(deadline, options))
    if not call then return false, err end
    return caller:finish_plain(call, operation)
  end

  -- Whoever renewed is gone: the next one tries.
  local function abandon(call)
    if renewal and renewal.call == call then release(renewal) end
  end

  return { begin = begin, finish = finish, abandon = abandon }
end

return bearer
