--- The parts of what comes piece by piece: all of one size but the last, so
-- that whoever gives the same bytes once more makes the same parts. How many
-- there will be is known at the end; the last part is only known as such when
-- nothing comes after it.

local part_sizes = require "apivideo.videos.part_sizes"
local PartSet = require "apivideo.videos.part_set"

---@class apivideo.StreamParts
---@field kind "pieces"
---@field chunk_size integer bytes
---@field sent apivideo.PartSet
---@field ended boolean nothing comes any more
---@field size integer? bytes, once the last part is known
---@field count integer? parts, likewise
---@field bytes integer that came, those passed over counted
---@field package waiting string[] pieces of no part yet
---@field package held integer bytes in them
---@field package taken integer bytes of the first of them that are in a part
---@field package passing integer bytes that are to be passed over
---@field package number integer of the last part
---@field package more fun(self)? gets the next piece
---@field starved boolean the last piece was empty: there is nothing yet
---@field failure { words: string, cause: any }? why there are no more
local StreamParts = {}
StreamParts.__index = StreamParts

---@param chunk_size integer bytes
---@param more fun(self)? asks for the next piece, which it pushes, or ends
---@return apivideo.StreamParts
function StreamParts.new(chunk_size, more)
  return setmetatable({
    kind = "pieces", chunk_size = chunk_size, sent = PartSet.new(),
    ended = false, bytes = 0, waiting = {}, held = 0, taken = 0,
    passing = 0, number = 0, more = more, starved = false,
  }, StreamParts)
end

--- What has arrived without a gap is passed over when it comes again.
---@param read table see `resume_state.read`
function StreamParts:resume(read)
  self.chunk_size = read.chunk_size
  self.sent.upto = read.sent.upto
  self.number = read.sent.upto
  self.size = read.size
  self.count = read.size and part_sizes.count(read.size, read.chunk_size)
  self.passing = self:arrived()
end

---@param piece string
function StreamParts:push(piece)
  self.starved = self.more ~= nil and piece == ""
  self.bytes = self.bytes + #piece
  if self.passing > 0 then
    local passed = math.min(self.passing, #piece)
    self.passing = self.passing - passed
    piece = piece:sub(passed + 1)
  end
  if piece == "" then return end
  self.waiting[#self.waiting + 1] = piece
  self.held = self.held + #piece
end

-- The first bytes of those that wait: the string that they are in, and where.
-- StreamParts are joined only where a part is in more than one.
local function cut(self, size)
  local waiting, offset = self.waiting, self.taken
  if #waiting[1] - offset < size then
    waiting[1] = waiting[1]:sub(offset + 1)
    self.waiting = { table.concat(waiting) }
    waiting, offset = self.waiting, 0
  end
  local source = waiting[1]
  self.taken = offset + size
  self.held = self.held - size
  if self.taken == #source then
    table.remove(waiting, 1)
    self.taken = 0
  end
  return source, offset
end

--- The next part, or nil while there is too little for one: `starved` says
-- whether it makes sense to ask again later.
---@return table? part
function StreamParts:take()
  self.starved = false
  while self.more and not self.ended and self.held <= self.chunk_size do
    self:more()
    if self.starved then return nil end
  end
  if self.held == 0 then return nil end
  if self.held <= self.chunk_size and not self.ended then return nil end
  local size = math.min(self.held, self.chunk_size)
  local source, offset = cut(self, size)
  self.number = self.number + 1
  local last = self.ended and self.held == 0
  local one = last and self.number == 1
  if last and not self.size then
    self.size, self.count = self.bytes, self.number
  end
  return {
    source = source, offset = offset, size = size,
    number = not one and self.number or nil,
    total = last and not one and self.number or nil,
  }
end

--- Bytes of the parts that had arrived before.
function StreamParts:arrived()
  return math.min(self.sent.upto * self.chunk_size, self.size or math.huge)
end

--- Nobody can tell whether they come from the same place.
function StreamParts:fingerprint() -- luacheck: ignore 212
  return ""
end

function StreamParts:close() -- luacheck: ignore 212
end

--- What is wrong with the sizes, or nil.
---@return string?
---@return any cause
function StreamParts:problem()
  if self.failure then return self.failure.words, self.failure.cause end
  if self.bytes > part_sizes.LARGEST_FILE then
    return "the pieces have more than 30 GiB, which the service does not take"
  end
  if self.size and self.bytes > self.size then
    return "the pieces have more than those of the upload that broke off"
  end
  if not self.ended then return nil end
  if self.bytes == 0 then
    return "the pieces are empty, and the service takes no empty files"
  end
  -- A part that was not the last has arrived, and none comes after it.
  local no_last = self.held == 0 and not self.size
  if no_last or self.size and self.bytes < self.size then
    return "the pieces have less than those of the upload that broke off"
  end
end

return StreamParts
