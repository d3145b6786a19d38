--- Who calls, and by what way: a client with the user's key. The key comes from
-- the environment or a file, never from an argument, which every user of the
-- machine could read in the list of processes.

local apivideo = require "apivideo.safe"
local base_url_of = require "apivideo.util.base_url"
local core = require "apivideo.core"
local credential = require "apivideo.cli.credential"
local failure = require "apivideo.cli.failure"
local proxy = require "apivideo.util.proxy"

local account = {}

local VARIABLE = "APIVIDEO_API_KEY"

-- A file is read once only: it may be a pipe.
local function read_key(options)
  if options.api_key == nil then
    options.api_key = options.api_key_file
      and credential.file(options.api_key_file, "--api-key-file", "key")
      or credential.variable(VARIABLE, "key") or false
  end
  return options.api_key or nil
end

--- Whether there is a key; a client was opened with the options.
---@param options table
function account.has_key(options)
  return options.api_key and true or false
end

local function key_source(options)
  if not options.api_key_file then return VARIABLE end
  return "the file " .. options.api_key_file
end

--- Where the service is, as the library sees it.
---@param options table
---@return string
function account.base_url(options)
  local url = os.getenv "APIVIDEO_BASE_URL"
  if url and url ~= "" then return url end
  return base_url_of(options.environment)
end

-- Where what was refused is from.
local function source_of_refused(options, operation)
  if operation == "upload_with_upload_token" then
    local variable = options.token_variable
    return variable and "the upload token is from " .. variable
  end
  return options.api_key and "the key is from " .. key_source(options)
    or "--api-key-file takes it from a file"
end

-- What an error is to be told with, or nil.
local function explainer(options, way)
  return function(err)
    local words = proxy.explain(err, way)
    if words or err.kind ~= "unauthorized" then return words end
    return source_of_refused(options, err.operation)
  end
end

-- The library's words for an option are not those of whoever set a variable.
local function in_our_words(message, options, way)
  local words = message:match "%((.*)%)$" or message
  if way then words = words:gsub("^proxy ", way.variable .. " ") end
  return (words:gsub("^api_key ", key_source(options) .. " "))
end

-- Gives what `make` does; where somebody collects problems, its misuse goes
-- there, and what `instead` gives is given.
local function try(problems, name, make, instead)
  if not problems then return make() end
  local ok, value = pcall(make)
  if ok then return value end
  problems[name] = tostring(value)
  return instead()
end

-- The option for how long nothing may move; `timeout` stood for it once.
local IDLE_TIMEOUT = "timeout"
for _, name in ipairs(core.OPTIONS) do
  if name == "idle_timeout" then IDLE_TIMEOUT = name end
end

-- No variable is read in place of this one, which no account has.
local NO_KEY = "none"

--- A client as the options and the environment say; no I/O but the key's.
---@param options table
---@param problems { key: string?, proxy: string? }? gets what is wrong with
-- them, and the client does without; otherwise that raises
---@return apivideo.Client
function account.open(options, problems)
  local way = proxy.of(account.base_url(options))
  local key = try(problems, "key",
    function() return read_key(options) end, function() return NO_KEY end)
  local function make(url)
    local ok, client = pcall(apivideo.new, {
      api_key = key,
      environment = options.environment,
      proxy = url,
      [IDLE_TIMEOUT] = options.idle_timeout,
      connect_timeout = options.connect_timeout,
      application = { name = "apivideo-cli", version = apivideo._VERSION },
    })
    if not ok then failure.misuse(in_our_words(client, options, way)) end
    return client
  end
  local function direct() return make "" end
  failure.explain = explainer(options, way)
  if not way then return direct() end
  return try(problems, "proxy", function() return make(way.url) end, direct)
end

return account
