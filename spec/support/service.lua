-- The sandbox that the specs run under: clients for it, and its controls.

local apivideo = require "apivideo"
local files = require "spec.support.files"
local sandbox = require "spec.support.sandbox_http"
local shell = require "spec.support.shell"

local service = { url = sandbox.url, key = "sandbox_key" }

function service.reset()
  sandbox.control("POST", "reset")
end

-- The answers that the next requests get, instead of the service's own.
function service.faults(list)
  sandbox.control("POST", "faults", list)
end

function service.settings(settings)
  sandbox.control("POST", "settings", settings)
end

-- The requests received since the last reset, in their order.
function service.requests()
  return sandbox.control("GET", "log")
end

-- Makes `count` tokens at once.
function service.make_tokens(count, ttl)
  sandbox.control("POST", "tokens", { count = count, ttl = ttl })
end

-- A client of the sandbox; `options` beat the defaults. `module` may be
-- "apivideo.safe".
function service.client(options, module)
  local all = { base_url = service.url, api_key = service.key }
  for name, value in pairs(options or {}) do all[name] = value end
  return (module and require(module) or apivideo).new(all)
end

-- Gives each spec of the block in which it is called a client of its own, of a
-- sandbox as it was at its start: `set(client, client.upload_tokens)`. The
-- client is closed at the spec's end.
function service.with_client(set, options, module)
  local busted = require "busted" -- scripts that only make calls may lack it
  local client
  busted.before_each(function()
    service.reset()
    client = service.client(options, module)
    set(client, client.upload_tokens)
  end)
  busted.after_each(function() client:close() end)
end

-- The interpreter that runs the specs.
function service.interpreter()
  local place = 0
  while arg[place - 1] do place = place - 1 end
  return arg[place]
end

-- Runs a script in a process of this interpreter and returns all its output;
-- `prefix` is what stands before the command: variables, another command;
-- `arguments` what stands behind it.
function service.run(prefix, script, arguments)
  local path = os.tmpname()
  files.write(path, script)
  local pipe = assert(io.popen(
    ("%s %s %s %s 2>&1"):format(prefix, shell.quote(service.interpreter()), path, arguments or "")))
  local output = pipe:read "*a"
  pipe:close()
  os.remove(path)
  return output
end

-- Calls a function that must fail and returns its error object.
function service.failure(...)
  local ok, err = pcall(...)
  assert(not ok, "expected a failure, but the call succeeded")
  if not apivideo.is_error(err) then error(err, 2) end
  return err
end

-- Calls a function that must be misused and returns the message.
function service.misuse(...)
  local ok, message = pcall(...)
  assert(not ok, "expected misuse, but the call succeeded")
  assert(type(message) == "string", "expected a message, got an error object")
  return message
end

return service
