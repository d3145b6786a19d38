--- The parts of what is there as a whole: a file, or a string in memory.

local plan = require "apivideo.videos.part_sizes"
local Sent = require "apivideo.videos.part_set"

---@class apivideo.Stored
---@field kind "file"|"data"
---@field size integer bytes
---@field chunk_size integer bytes
---@field count integer parts
---@field sent apivideo.Sent
---@field package source any what the C module reads from
---@field package identify fun(): string
---@field package print string? what it gave
---@field package next_number integer
local Stored = {}
Stored.__index = Stored

---@param it { kind: string, source: any, size: integer, chunk_size: integer,
-- identify: fun(): string }
---@return apivideo.Stored
function Stored.new(it)
  it.chunk_size = plan.chunk_size(it.size, it.chunk_size)
  it.count = plan.count(it.size, it.chunk_size)
  it.sent = Sent.new()
  it.next_number = 1
  return setmetatable(it, Stored)
end

--- Those that have arrived are not sent again.
---@param read table see `resume_state.read`
function Stored:resume(read)
  self.chunk_size = read.chunk_size
  self.count = plan.count(self.size, self.chunk_size)
  self.sent = read.sent
end

--- The next part that has not arrived, or nil.
---@return table? part
function Stored:take()
  while self.sent:has(self.next_number) do
    self.next_number = self.next_number + 1
  end
  local number = self.next_number
  if number > self.count then return nil end
  self.next_number = number + 1
  local offset, size = plan.range(number, self.size, self.chunk_size)
  local one = self.count == 1
  return {
    source = self.source, offset = offset, size = size,
    number = not one and number or nil, total = not one and self.count or nil,
  }
end

--- Bytes of the parts that have arrived.
function Stored:arrived()
  local bytes = 0
  local upto = math.min(self.sent.upto, self.count)
  if upto > 0 then
    local offset, size = plan.range(upto, self.size, self.chunk_size)
    bytes = offset + size
  end
  for number in pairs(self.sent.beyond) do
    local _, size = plan.range(number, self.size, self.chunk_size)
    bytes = bytes + size
  end
  return bytes
end

--- Nothing is: it was looked at before.
function Stored:problem() -- luacheck: ignore 212
  return nil
end

--- Nobody reads from it any more.
function Stored:close()
  if self.kind == "file" then self.source:close() end
end

--- What tells this source from another one. It is asked for after each part,
-- and a string's takes as long as it is large.
---@return string
function Stored:fingerprint()
  self.print = self.print or self.identify()
  return self.print
end

return Stored
