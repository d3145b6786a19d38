--- The upload token of an upload: the user's, or one that is made for it and
-- deleted afterwards.

local create_token = require "apivideo.cli.commands.creation"
local credential = require "apivideo.cli.credential"
local failure = require "apivideo.cli.failure"
local run_interruptible = require "apivideo.cli.interruptible"

local pass = {}

local SHORTEST_LIFE = 3600 -- seconds
local SLOWEST = 125000 -- bytes a second that a line may be slow
local LARGEST = 30 * 2^30 -- bytes of a video

-- Seconds in which all of them can be sent. What a pipe has, nobody knows.
local function lifetime(sources)
  local bytes = 0
  for _, it in ipairs(sources) do bytes = bytes + (it.size or LARGEST) end
  return math.floor(SHORTEST_LIFE + bytes / SLOWEST)
end

local function delete(client, token)
  local ok, err = client.upload_tokens:delete_token(token, { timeout = 10 })
  if not ok and err.kind ~= "not_found" then error(err, 0) end
end

-- → the status to exit with when it is interrupted
local function delete_made(client, made)
  local ok, err = pcall(run_interruptible, client, delete, client, made.token)
  if ok then return end
  local status, _, words = failure.describe(err)
  failure.note(("the upload token of this upload, valid until %s, was not"
    .. " deleted: %s"):format(made.expires_at, words))
  if failure.is_interrupted(status) then return status end
end

-- A token that lasts no longer than the upload.
local function make(client, sources, run)
  local made = create_token(client, { ttl = lifetime(sources) }, run)
  run.afterwards[#run.afterwards + 1] = function(other)
    return delete_made(other, made)
  end
  return made.token
end

local VARIABLE = "APIVIDEO_UPLOAD_TOKEN"

local function given(options)
  if options.token then return options.token end
  local token = credential.variable(VARIABLE, "upload token")
  if token and not credential.is_token(token) then
    failure.misuse(VARIABLE .. ": " .. credential.NO_TOKEN)
  end
  options.token_variable = token and VARIABLE
  return token
end

--- What gives the upload token; one is made when it is asked for first.
---@param client apivideo.Client
---@param options table
---@param sources apivideo.cli.Source[] that are to be sent
---@param run apivideo.cli.Run
---@return fun(): string
function pass.giver(client, options, sources, run)
  local token = given(options)
  return function()
    token = token or make(client, sources, run)
    return token
  end
end

return pass
