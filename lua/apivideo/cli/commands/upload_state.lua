--- What it takes to go on with an upload, in a file beside the video. It holds
-- no secret. Each upload of a file has one of its own: whoever is at work holds
-- its lock. What is no state, but has the name of one, is the user's: it is
-- left alone, and the next name is taken.

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
---@field package left string? the name of an earlier upload's
local State = {}
State.__index = State

local MOST = 9 -- uploads of a file at once
local LARGEST = 1048576 -- bytes: what has more is no state
local NEW = ".new" -- behind the name of what is to replace a file

-- FILE.upload, FILE.upload.2, …
local function name_of(path, number)
  return path .. ".upload" .. (number > 1 and "." .. number or "")
end

-- → what a regular file begins with; or nil and why that is not to be had
local function contents(name)
  local regular, problem = core.file(name)
  if not regular then return nil, problem end
  regular:close()
  local file, trouble = io.open(name, "rb")
  if not file then return nil, trouble end
  local text = file:read(LARGEST) or ""
  file:close()
  return text
end

-- What every state begins with, also one that was not written to its end.
local BEGINNING = '{"check":'

-- Whether a file may be written over: whoever was killed in `write` left it.
local function is_ours(name)
  local text = contents(name)
  return text == "" or text and text:sub(1, #BEGINNING) == BEGINNING
end

-- A link is not followed: one that leads nowhere is there. On a disk that is
-- only read, what can be read is.
local function exists(name)
  if is_ours(name .. NEW) then system.finish_replacing(name .. NEW, name) end
  return os.rename(name, name) ~= nil or contents(name) ~= nil
end

-- → a state; or nil and why it is none
local function read(name)
  local text, problem = contents(name)
  if not text then return nil, problem end
  if text == "" then return nil, "it is empty" end
  local state = json.decode(text)
  if type(state) ~= "table" then return nil, "it is no JSON object" end
  local fine
  fine, problem = resume_state.read(state)
  return fine and state, problem
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

-- Takes what an earlier upload left in a file that is there; one that cannot
-- be locked is read all the same.
-- → a state; false: another one is at work on it; or nil and why it is none
local function take_state(self, name)
  local text, problem = contents(name)
  if not text then return nil, problem end
  if take(self, name) == false then return false end
  local state
  state, problem = read(name)
  if not state and self.lock then release(self) end
  return state, problem
end

--- The states of a video's uploads.
---@param path string of the video
---@return apivideo.cli.UploadState
function State.of(path)
  return setmetatable({ path = path }, State)
end

local NO_STATE = "%s is not the state of an upload (%s); leave out --resume to"
  .. " start from the beginning"

--- Takes over what an earlier upload left, and nobody is at work on.
---@return apivideo.UploadState? state nil: nothing
---@return table? failure there is something else
function State:load()
  local failed
  for number = 1, MOST do
    local name = name_of(self.path, number)
    if exists(name) then
      local state, problem = take_state(self, name)
      if state then
        self.written = self.lock ~= nil
        return state
      end
      failed = failed
        or problem and failure.new("file", NO_STATE:format(name, problem))
    end
  end
  return nil, failed
end

--- Whether an earlier upload left anything, and nobody is at work on it.
function State:is_left()
  for number = 1, MOST do
    local name = name_of(self.path, number)
    if not exists(name) then return false end
    local state, problem = take_state(self, name)
    if self.lock then release(self) end
    if not problem then
      self.left = state and name or nil
      return self.left ~= nil
    end
  end
  return false
end

-- The first file that is not there, or that an earlier upload left and may be
-- written over, as its user was told.
local function claim(self)
  for number = 1, MOST do
    local name = name_of(self.path, number)
    if not exists(name) or name == self.left then
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
  if exists(name) and not is_ours(name) then
    return nil, name .. " is in the way"
  end
  local lock, problem = core.lock(name)
  if not lock then return nil, problem or name .. ": it is in use" end
  local ok
  ok, problem = write(name, text)
  if ok then
    ok, problem = system.replace(name, self.name)
  else
    os.remove(name)
  end
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
  if not self.lock and self.left then take(self, self.left) end
  if not self.lock then return end
  os.remove(self.name)
  release(self)
end

--- The upload broke off: what is kept is left to others.
function State:leave()
  if self.lock then release(self) end
end

return State
