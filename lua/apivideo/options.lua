--- The options of a client: what is checked here, and what the C module gets.

local call_options = require "apivideo.util.call_options"
local core = require "apivideo.core"
require "apivideo.driver.auto" -- what plain calls need is not for later
local host = require "apivideo.util.host"
local lazy = require "apivideo.util.lazy"
local misuse = require "apivideo.util.misuse"

local log = lazy "apivideo.call.log"

-- The options of the C module, and those of this layer.
local OPTIONS = { "auth", "driver", "log" }
for _, name in ipairs(core.OPTIONS) do OPTIONS[#OPTIONS + 1] = name end

local CHOICES = {
  auth = { "basic", "bearer" },
  driver = { "auto", "block", "step", "ngx", "luv" },
}

-- '"a", "b" or "c"'
local function listed(words)
  local most = '"' .. table.concat(words, '", "', 1, #words - 1) .. '"'
  return most .. ' or "' .. words[#words] .. '"'
end

-- One of the words that an option allows; the first is the default.
local function choice(options, name)
  local allowed = CHOICES[name]
  local value = options[name]
  if value == nil then return allowed[1] end
  for _, word in ipairs(allowed) do
    if value == word then return word end
  end
  return misuse.raise("new", 1, ("%s must be %s, got %s"):format(
    name, listed(allowed), core.describe(value)))
end

-- Drivers that need what not everybody has.
local NEEDS_MORE = { luv = true, ngx = true }

local function driver_named(name)
  local found, driver = pcall(lazy("apivideo.driver." .. name))
  if found then return driver end
  if not NEEDS_MORE[name] then error(driver, 0) end -- no memory, Ctrl-C, …
  -- One line, without where it was found out.
  local words = tostring(driver):match "^[^\n]*"
  words = words:gsub("^.-:%d+: ", ""):gsub(":$", "")
  return misuse.raise("new", 1,
    ('driver = "%s" cannot be used here: %s'):format(name, words))
end

-- A variable of the environment; an empty one counts as absent.
local function variable(name)
  local value = host.os and host.os.getenv(name)
  return value ~= "" and value or nil
end

local VARIABLES = {
  api_key = "APIVIDEO_API_KEY",
  base_url = "APIVIDEO_BASE_URL",
}

-- The C module would not know that there is a default.
local function refuse_empty_url(options)
  if options.base_url ~= "" then return end
  misuse.raise("new", 1, 'base_url must be a URL such as https://ws.api.video,'
    .. ' got "": leave it out for the default')
end

-- What the C module gets: the caller's options, inherited ones as well, and
-- what the environment says where they are silent; and the variables in use, by
-- the options that they stand for.
local function core_options(options)
  local passed, used = {}, {}
  for _, name in ipairs(core.OPTIONS) do passed[name] = options[name] end
  refuse_empty_url(passed)
  passed = call_options.with_own_headers(passed)
  for name, its_variable in pairs(VARIABLES) do
    if passed[name] == nil then
      passed[name], used[name] = variable(its_variable), its_variable
    end
  end
  return passed, used
end

-- The function that takes events, if there is one.
local function sink_of(options)
  if options.log then return options.log end
  return variable "APIVIDEO_LOG" == "debug" and log().to_stderr or nil
end

-- What a variable of the environment says is nowhere in the caller's program.
local function name_variable(message, variables)
  local option = message:match "%(([%w_]+) "
  local named = option and variables[option]
  if not named then return message end
  return (message:gsub("%)$", "; it is from " .. named .. ")"))
end

-- The client of the C module, which looks at its options itself.
local function engine_of(read)
  local ok, made = pcall(core.new, read.core)
  if ok then return made end
  return misuse.rethrow(name_variable(made, read.variables))
end

--- Reads the options of `apivideo.new`, and makes the client of the C module;
-- misuse raises.
---@param options apivideo.Options?
---@return { core: table, variables: table<string, string>, auth: string,
-- driver: table, log: function?, engine: apivideo.core.Client }
return function(options)
  misuse.check_options("new", 1, options, OPTIONS)
  options = options or {}
  if options.log ~= nil and not misuse.is_callable(options.log) then
    local message = "log must be a function, got "
    misuse.raise("new", 1, message .. core.describe(options.log))
  end
  local read = {
    driver = driver_named(choice(options, "driver")),
    auth = choice(options, "auth"),
    log = sink_of(options),
  }
  read.core, read.variables = core_options(options)
  if read.auth == "bearer" and not read.core.api_key then
    misuse.raise("new", 1,
      'auth = "bearer" needs an api_key: give it, or set APIVIDEO_API_KEY')
  end
  read.engine = engine_of(read)
  return read
end
