--- What it takes to go on with an upload, in a file beside the video. It holds
-- no secret. Each upload of a file has one of its own: whoever is at work holds
-- its lock.

local core = require "apivideo.core"
local failure = require "apivideo.cli.failure"
local json = require "apivideo.cli.format.json"
local resume_state = require "apivideo.videos.resume_state"
local system = require "apivideo.cli.system"

---@class apivideo.cli.UploadState
---@field package path string of the video
---@field name string? of the file; nil: it has none yet
---@field package lock integer? of the file, while it is ours
---@field package written boolean? the file was written by us
---@field package left boolean? an earlier upload's is there
local State = {}
State.__index = State

local MOST = 9 -- uploads of a file at once
local NEW = ".new" -- behind the name of what is to replace a file

-- FILE.upload, FILE.upload.2, …
local function name_of(path, number)
  return path .. ".upload" .. (number > 1 and "." .. number or "")
end

local function exists(name)
  system.finish_replacing(name .. NEW, name)
  local file = io.open(name, "rb")
  if file then file:close() end
  return file ~= nil
end

-- → true; false: another one is at work on it; or nil and what is wrong
local function take(self, name)
  local lock, problem = core.lock(name)
  if not lock then return lock, problem end
  self.name, self.lock = name, lock
  return true
end

local function release(self)
  core.unlock(self.lock)
  self.name, self.lock = nil, nil
end

--- The states of a video's uploads.
---@param path string of the video
---@return apivideo.cli.UploadState
function State.of(path)
  return setmetatable({ path = path }, State)
end

-- What is in the file that is ours.
-- → a state; or nil and why it is none
local function read(name)
  local file = io.open(name, "rb")
  local state = file and json.decode(file:read "*a" or "")
  if file then file:close() end
  local fine, problem = resume_state.read(state)
  if fine then return state end
  return nil, failure.new("file", ("%s is not the state of an upload (%s);"
    .. " delete it to start from the beginning"):format(name, problem))
end

--- Takes over what an earlier upload left, and nobody is at work on.
---@return apivideo.UploadState? state nil: nothing
---@return table? failure it is no state
function State:load()
  for number = 1, MOST do
    local name = name_of(self.path, number)
    local ok = exists(name) and take(self, name)
    if ok ~= false then
      self.written = ok
      return read(name)
    end
  end
end

--- Whether an earlier upload left anything, and nobody is at work on it.
function State:is_left()
  local ok = exists(name_of(self.path, 1)) and take(self, name_of(self.path, 1))
  if ok then release(self) end
  self.left = ok == true
  return self.left
end

-- The first file that is not there, or that an earlier upload left and may be
-- written over, as its user was told.
local function claim(self)
  for number = 1, MOST do
    local name = name_of(self.path, number)
    if not exists(name) or number == 1 and self.left then
      local ok, problem = take(self, name)
      if ok then return true end
      if ok == nil then return nil, problem end
    end
  end
  return nil, "there are too many uploads of it"
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

-- The new file is locked before it takes the place of the other.
local function replace(self, text)
  local name = self.name .. NEW
  local lock, problem = core.lock(name)
  if not lock then return nil, problem or name .. ": it is in use" end
  local ok
  ok, problem = write(name, text)
  if ok then ok, problem = system.replace(name, self.name) end
  if not ok then
    core.unlock(lock)
    return nil, problem
  end
  core.unlock(self.lock)
  self.lock = lock
  return true
end

--- Keeps a state: whenever the program is killed, one whole state is there.
---@param state apivideo.UploadState
---@return boolean? ok
---@return string? problem
function State:save(state)
  if not self.lock then
    local ok, problem = claim(self)
    if not ok then return nil, problem end
  elseif self.written and not exists(self.name) then
    failure.note(("%s was removed meanwhile: it is written once more")
      :format(self.name))
  end
  local ok, problem = replace(self, json.encode(state))
  if not ok and not self.written then os.remove(self.name) end
  self.written = ok
  return ok, problem
end

--- The upload is whole.
function State:remove()
  if not self.lock and self.left then take(self, name_of(self.path, 1)) end
  if not self.lock then return end
  os.remove(self.name)
  release(self)
end

--- The upload broke off: what is kept is left to others.
function State:leave()
  if self.lock then release(self) end
end

return State
