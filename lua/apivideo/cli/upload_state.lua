--- What it takes to go on with an upload, in a file beside the video. It holds
-- no secret.

local failure = require "apivideo.cli.failure"
local json = require "apivideo.cli.json"
local system = require "apivideo.cli.system"

local upload_state = {}

-- Behind the name of a state that is to replace another. Alone it counts, if
-- it is whole: see `system.replace`.
local NEW = ".new"

--- The file in which the state of an upload is.
---@param path string of the video
function upload_state.path(path)
  return path .. ".upload"
end

local function read(name)
  local file = io.open(name, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text or ""
end

--- What an earlier run left.
---@param path string of the video
---@return apivideo.UploadState? state nil: nothing
---@return table? failure it is no state
function upload_state.load(path)
  local name = upload_state.path(path)
  local text = read(name)
  local state = json.decode(text or read(name .. NEW) or "")
  if type(state) ~= "table" then
    if not text then return nil end
    return nil, failure.new("file", name .. " does not say how far an upload"
      .. " was; delete it to begin anew")
  end
  return state
end

--- Whether an earlier run left anything.
---@param path string of the video
function upload_state.exists(path)
  local state, problem = upload_state.load(path)
  return state ~= nil or problem ~= nil
end

local function write(name, text)
  local file, problem = io.open(name, "wb")
  if not file then return nil, problem end
  local written
  written, problem = file:write(text)
  local closed, trouble = file:close()
  if written and closed then return true end
  return nil, ("%s: %s"):format(name, problem or trouble)
end

--- Keeps a state: whenever the program is killed, one whole state is there.
---@param path string of the video
---@param state apivideo.UploadState
---@return boolean? ok
---@return string? problem
function upload_state.save(path, state)
  local name = upload_state.path(path)
  local ok, problem = write(name .. NEW, json.encode(state))
  if ok then ok, problem = system.replace(name .. NEW, name) end
  return ok, problem
end

--- The upload is whole.
---@param path string of the video
function upload_state.remove(path)
  os.remove(upload_state.path(path))
end

return upload_state
