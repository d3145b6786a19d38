--- The client: one connection pool, one set of credentials, and the way that
-- every call goes through.

local block = require "apivideo.driver.block"
local core = require "apivideo.core"
local log = require "apivideo.log"
local misuse = require "apivideo.misuse"
local session = require "apivideo.session"
local upload_tokens = require "apivideo.upload_tokens"

---@class apivideo.Client
---@field upload_tokens apivideo.UploadTokens
---@field package core apivideo.core.Client
---@field package attempt function
---@field package fail function
---@field package changes table
---@field package driver table
---@field package log function?
local Client = {}
Client.__index = Client

-- The options of the C module, and those of this layer.
local OPTIONS = { "auth", "driver", "log" }
for _, name in ipairs(core.OPTIONS) do OPTIONS[#OPTIONS + 1] = name end

local CHOICES = {
  auth = { "basic", "bearer" },
  driver = { "auto", "block" },
}

-- One of the words that an option allows; the first is the default.
local function choice(options, name)
  local allowed = CHOICES[name]
  local value = options[name]
  if value == nil then return allowed[1] end
  for _, word in ipairs(allowed) do
    if value == word then return word end
  end
  local message = ('%s must be "%s" or "%s", got %s'):format(
    name, allowed[1], allowed[2], core.describe(value))
  return misuse.raise("new", 1, message)
end

-- A variable of the environment; an empty one counts as absent.
local function variable(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

-- What the C module gets: the caller's options without this layer's, and what
-- the environment says where they are silent.
local function core_options(options)
  local passed = {}
  for name, value in pairs(options) do passed[name] = value end
  passed.auth, passed.log, passed.driver = nil, nil, nil
  if passed.api_key == nil then
    passed.api_key = variable "APIVIDEO_API_KEY"
  end
  if passed.base_url == nil then
    passed.base_url = variable "APIVIDEO_BASE_URL"
  end
  return passed
end

-- Where calls go: straight to the service, or through a bearer session.
local function choose_attempt(self, options, passed)
  local function send(...) return self:send(...) end
  if choice(options, "auth") == "basic" then return send end
  if not passed.api_key then
    misuse.raise("new", 1, 'auth = "bearer" needs an api_key')
  end
  local timeout = options.timeout or core.DEFAULT_TIMEOUT
  return session.new(self.core, passed.api_key, timeout, send)
end

--- Makes a client; no I/O happens. The public way is `apivideo.new`.
---@param options apivideo.Options?
---@param fail function gets what stands for the result of a call (nil) or for
-- the step of an iterator (false), and the error object; raises the latter or
-- returns both
---@return apivideo.Client
function Client.new(options, fail)
  misuse.check_options("new", 1, options, OPTIONS)
  options = options or {}
  if options.log ~= nil and type(options.log) ~= "function" then
    local message = "log must be a function, got "
    misuse.raise("new", 1, message .. core.describe(options.log))
  end
  choice(options, "driver")
  local passed = core_options(options)
  local self = setmetatable({
    core = misuse.guard(core.new, passed),
    driver = block,
    log = log.sink(options.log),
    fail = fail,
    -- How many calls of ours may have changed the list: walks need it.
    changes = { create_token = 0, delete_token = 0 },
  }, Client)
  log.warn(self.log)
  self.attempt = choose_attempt(self, options, passed)
  self.upload_tokens = upload_tokens.new(self)
  return self
end

--- Carries out one call as it is; misuse raises.
---@return boolean ok
---@return any value or the error object
---@return apivideo.Response? response
function Client:send(operation, argument, options)
  local started, call = pcall(
    self.core.start, self.core, operation, argument, options)
  if not started then
    if core.is_error(call) then return false, call end
    misuse.rethrow(call)
  end
  self.driver.await(self, call)
  -- Also when it failed: its answer may have been lost, not its effect.
  if self.changes[operation] then
    self.changes[operation] = self.changes[operation] + 1
  end
  local ok, value, response = pcall(call.result, call)
  if not ok and not core.is_error(value) then error(value, 0) end
  if self.log then
    self.log(log.event(call, operation, not ok and value or nil))
  end
  return ok, value, response
end

--- Carries out one call for a public method: gives its result, or fails in
-- the client's way.
function Client:run(operation, argument, options)
  local ok, value, response = self.attempt(operation, argument, options)
  if ok then return value, response end
  return self.fail(nil, value)
end

--- Ends calls in flight as `cancelled`; later ones fail as `closed`.
function Client:close()
  misuse.check_receiver(self, Client, "close", "client:close()")
  self.core:close()
end

Client.__close = Client.close

function Client:__tostring()
  return (tostring(self.core):gsub("%.core", ""))
end

return Client
