--- What has been sent of a file, summed up: it tells whether a file that looks
-- like another one, since it was copied or its disk mounted anew, is the same.
-- Parts without a gap before them are in one sum, the others have their own.

local core = require "apivideo.core"
local host = require "apivideo.util.host"
local part_sizes = require "apivideo.videos.part_sizes"

local BLOCK = 2^20 -- bytes that are read at once

---@class apivideo.Contents
---@field package upto integer the parts up to this one are in one sum
---@field package sum string of them
---@field package beyond table<integer, string> the sums of those after a gap
local Contents = {}
Contents.__index = Contents

---@return apivideo.Contents
function Contents.new()
  return setmetatable({ upto = 0, sum = "", beyond = {} }, Contents)
end

-- The sum of some bytes of a file; nil: it cannot be read, or has fewer.
local function sum_of(path, offset, size)
  local file = host.io and host.io.open(path, "rb")
  if not file then return nil end
  local sum, left = "", size
  local block = file:seek("set", offset) and file:read(math.min(left, BLOCK))
  while block do
    sum, left = core.checksum(sum .. block), left - #block
    block = left > 0 and file:read(math.min(left, BLOCK))
  end
  file:close()
  return left == 0 and sum or nil
end

--- A part has been sent.
---@param path string of the file
---@param number integer of the part
---@param offset integer
---@param size integer bytes
---@return boolean? ok nil: they are not there
function Contents:add(path, number, offset, size)
  local sum = sum_of(path, offset, size)
  if not sum then return nil end
  self.beyond[number] = sum
  while self.beyond[self.upto + 1] do
    self.upto = self.upto + 1
    self.sum = core.checksum(self.sum .. self.beyond[self.upto])
    self.beyond[self.upto] = nil
  end
  return true
end

--- "57:7d0e5a1e2d3c4b5a,59:0011223344556677"
function Contents:__tostring()
  local words, rest = {}, {}
  if self.upto > 0 then words[1] = ("%d:%s"):format(self.upto, self.sum) end
  for number in pairs(self.beyond) do rest[#rest + 1] = number end
  table.sort(rest)
  for _, number in ipairs(rest) do
    words[#words + 1] = ("%d:%s"):format(number, self.beyond[number])
  end
  return table.concat(words, ",")
end

--- Sums up what has been sent of a file.
---@param path string
---@param sent apivideo.PartSet
---@param size integer bytes of the file
---@param chunk_size integer bytes
---@return apivideo.Contents? contents nil: it cannot be read
function Contents.of(path, sent, size, chunk_size)
  local self, ok = Contents.new(), true
  for number = 1, part_sizes.count(size, chunk_size) do
    if ok and sent:has(number) then
      ok = self:add(path, number, part_sizes.range(number, size, chunk_size))
    end
  end
  return ok and self or nil
end

--- Reads what tostring gives, of these parts; nil when it is something else.
---@param text string
---@param sent apivideo.PartSet
---@return apivideo.Contents?
function Contents.parse(text, sent)
  local self = Contents.new()
  for number, sum in text:gmatch "(%d+):(%x+)" do
    number = tonumber(number)
    if number == sent.upto then
      self.upto, self.sum = number, sum
    else
      self.beyond[number] = sum
    end
  end
  return tostring(self) == text and self or nil
end

return Contents
