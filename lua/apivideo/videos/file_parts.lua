--- The parts of what is there as a whole: a file, or a string in memory.

local Contents = require "apivideo.videos.contents"
local core = require "apivideo.core"
local part_sizes = require "apivideo.videos.part_sizes"
local PartSet = require "apivideo.videos.part_set"

---@class apivideo.FileParts
---@field kind "file"|"data"
---@field size integer bytes
---@field chunk_size integer bytes
---@field count integer parts
---@field sent apivideo.PartSet
---@field path string? of the file
---@field contents apivideo.Contents? sums up what has arrived
---@field package source any what the C module reads from
---@field package identify fun(): string
---@field package print string? what it gave
---@field package next_number integer
local FileParts = {}
FileParts.__index = FileParts

---@param it { kind: string, source: any, size: integer, chunk_size: integer,
-- identify: fun(): string }
---@return apivideo.FileParts
function FileParts.new(it)
  it.chunk_size = part_sizes.chunk_size(it.size, it.chunk_size)
  it.count = part_sizes.count(it.size, it.chunk_size)
  it.sent = PartSet.new()
  it.next_number = 1
  return setmetatable(it, FileParts)
end

--- Those that have arrived are not sent again.
---@param read table see `resume_state.read`
function FileParts:resume(read)
  self.chunk_size = read.chunk_size
  self.count = part_sizes.count(self.size, self.chunk_size)
  self.sent = read.sent
  self.contents = read.contents
end

--- A part has arrived, and somebody keeps the state of the upload. What has
-- arrived is summed up as long as the file is as it was.
---@param part table
function FileParts:sum_up(part)
  if self.count == 1 then return end -- nothing is left to go on with
  local contents = self.contents or self.sent:count() == 1 and Contents.new()
  local ok = self.path and contents
    and contents:add(self.path, part.number, part.offset, part.size)
  self.contents = ok and self:is_as_it_was() and contents or nil
end

--- Whether the path leads to a file that was not changed since.
function FileParts:is_as_it_was()
  local file = core.file(self.path)
  if not file then return false end
  local size, modified = file:identity()
  file:close()
  return size == self.size and modified == self:fingerprint():match "^%S+"
end

--- Whether it is what was sent before: by its times or, where these differ, by
-- what has arrived of it. Its inode changes with a mount, and with a copy.
---@param read table see `resume_state.read`; of the same size
function FileParts:is_same(read)
  local print = self:fingerprint()
  if print == read.fingerprint then return true end
  if self.kind ~= "file" then return false end
  if print:match "^%S+" == read.fingerprint:match "^%S+" then return true end
  if not self.path or not read.contents then return false end
  local found =
    Contents.of(self.path, read.sent, self.size, read.chunk_size)
  return found ~= nil and tostring(found) == tostring(read.contents)
end

--- The next part that has not arrived, or nil.
---@return table? part
function FileParts:take()
  while self.sent:has(self.next_number) do
    self.next_number = self.next_number + 1
  end
  local number = self.next_number
  if number > self.count then return nil end
  self.next_number = number + 1
  local offset, size = part_sizes.range(number, self.size, self.chunk_size)
  local one = self.count == 1
  return {
    source = self.source, offset = offset, size = size,
    number = not one and number or nil, total = not one and self.count or nil,
  }
end

--- Bytes of the parts that have arrived.
function FileParts:arrived()
  local bytes = 0
  local upto = math.min(self.sent.upto, self.count)
  if upto > 0 then
    local offset, size = part_sizes.range(upto, self.size, self.chunk_size)
    bytes = offset + size
  end
  for number in pairs(self.sent.beyond) do
    local _, size = part_sizes.range(number, self.size, self.chunk_size)
    bytes = bytes + size
  end
  return bytes
end

--- Nothing is: it was looked at before.
function FileParts:problem() -- luacheck: ignore 212
  return nil
end

--- Nobody reads from it any more.
function FileParts:close()
  if self.kind == "file" then self.source:close() end
end

--- What tells this source from another one. It is asked for after each part,
-- and a string's takes as long as it is large.
---@return string
function FileParts:fingerprint()
  self.print = self.print or self.identify()
  return self.print
end

return FileParts
