--- The parts of what comes piece by piece: all of one size but the last, so
-- that whoever gives the same bytes once more makes the same parts. How many
-- there will be is known at the end; the last part is only known as such when
-- nothing comes after it.

local plan = require "apivideo.videos.part_sizes"
local Sent = require "apivideo.videos.part_set"

---@class apivideo.Pieces
---@field kind "pieces"
---@field chunk_size integer bytes
---@field sent apivideo.Sent
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
---@field failure { words: string, cause: any }? why there are no more
local Pieces = {}
Pieces.__index = Pieces

---@param chunk_size integer bytes
---@param more fun(self)? asks for the next piece, which it pushes, or ends
---@return apivideo.Pieces
function Pieces.new(chunk_size, more)
  return setmetatable({
    kind = "pieces", chunk_size = chunk_size, sent = Sent.new(),
    ended = false, bytes = 0, waiting = {}, held = 0, taken = 0,
    passing = 0, number = 0, more = more,
  }, Pieces)
end

--- What has arrived without a gap is passed over when it comes again.
---@param read table see `resume_state.read`
function Pieces:resume(read)
  self.chunk_size = read.chunk_size
  self.sent.upto = read.sent.upto
  self.number = read.sent.upto
  self.size = read.size
  self.count = read.size and plan.count(read.size, read.chunk_size)
  self.passing = self:arrived()
end

---@param piece string
function Pieces:push(piece)
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
-- Pieces are joined only where a part is in more than one.
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

--- The next part, or nil while there is too little for one.
---@return table? part
function Pieces:take()
  while self.more and not self.ended and self.held <= self.chunk_size do
    self:more()
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
function Pieces:arrived()
  return math.min(self.sent.upto * self.chunk_size, self.size or math.huge)
end

--- Nobody can tell whether they come from the same place.
function Pieces:fingerprint() -- luacheck: ignore 212
  return ""
end

function Pieces:close() -- luacheck: ignore 212
end

--- What is wrong with the sizes, or nil.
---@return string?
---@return any cause
function Pieces:problem()
  if self.failure then return self.failure.words, self.failure.cause end
  if self.bytes > plan.LARGEST_FILE then
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

return Pieces
