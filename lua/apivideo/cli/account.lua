--- Who calls: a client with the user's key. The key comes from the environment
-- or a file, never from an argument, which every user of the machine could
-- read in the list of processes.

local apivideo = require "apivideo.safe"
local failure = require "apivideo.cli.failure"

local account = {}

-- The first line of a file.
local function key_in(path)
  local file, problem = io.open(path, "rb")
  if not file then failure.misuse("--api-key-file: " .. problem) end
  local line = file:read "*l"
  file:close()
  local key = line and line:match "^%s*(.-)%s*$"
  if not key or key == "" then
    failure.misuse(("--api-key-file: %s holds no key in its first line")
      :format(path))
  end
  return key
end

--- The key, or nil.
---@param options table
---@return string?
function account.key(options)
  if options.api_key_file then
    -- Once only: it may be a pipe.
    options.api_key = options.api_key or key_in(options.api_key_file)
    return options.api_key
  end
  local key = os.getenv "APIVIDEO_API_KEY"
  return key ~= "" and key or nil
end

local URLS = {
  production = "https://ws.api.video", sandbox = "https://sandbox.api.video",
}

--- Where the service is, as the library sees it.
---@param options table
---@return string
function account.base_url(options)
  local url = os.getenv "APIVIDEO_BASE_URL"
  if url and url ~= "" then return url end
  return URLS[options.environment or "production"]
end

--- A client as the options and the environment say; no I/O but the key's.
---@param options table
---@return apivideo.Client
function account.open(options)
  return apivideo.new {
    api_key = account.key(options),
    environment = options.environment,
    application = { name = "apivideo-cli", version = apivideo._VERSION },
  }
end

return account
