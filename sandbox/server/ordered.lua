-- A list that stays sorted while entries come and go: by one numeric field,
-- ties by `sequence`, so that the order is total. It is kept in blocks, which
-- makes every operation cheap with hundreds of thousands of entries.
local BLOCK = 512

local ordered = {}
ordered.__index = ordered

-- `field` names the numeric field of an entry to sort by.
function ordered.new(field)
  return setmetatable({ field = field, count = 0, blocks = { {} } }, ordered)
end

local function precedes(a, b, field)
  local x, y = a[field], b[field]
  if x ~= y then return x < y end
  return a.sequence < b.sequence
end

-- How many of `count` sorted items come before `entry`; item(i) gives the
-- entry that stands for item i.
local function position(count, item, entry, field)
  local low, high = 0, count
  while low < high do
    local middle = math.floor((low + high + 1) / 2)
    if precedes(item(middle), entry, field) then
      low = middle
    else
      high = middle - 1
    end
  end
  return low
end

-- The block that `entry` is in, or would be put into, and how many entries of
-- that block come before it.
local function locate(self, entry)
  local blocks, field = self.blocks, self.field
  local index = position(#blocks - 1, function(i)
    return blocks[i + 1][1]
  end, entry, field) + 1
  -- An entry that is itself the first of the next block precedes nothing.
  local following = blocks[index + 1]
  if following and following[1] == entry then return index + 1, 0 end
  local block = blocks[index]
  return index, position(#block, function(i) return block[i] end, entry, field)
end

local function split(blocks, index)
  local full, half = blocks[index], {}
  for i = BLOCK + 1, #full do
    half[#half + 1], full[i] = full[i], nil
  end
  table.insert(blocks, index + 1, half)
end

function ordered:insert(entry)
  local index, before = locate(self, entry)
  local block = self.blocks[index]
  table.insert(block, before + 1, entry)
  if #block >= 2 * BLOCK then split(self.blocks, index) end
  self.count = self.count + 1
end

function ordered:remove(entry)
  local index, before = locate(self, entry)
  local block = self.blocks[index]
  assert(block[before + 1] == entry, "the entry is not in the list")
  table.remove(block, before + 1)
  if #block == 0 and #self.blocks > 1 then table.remove(self.blocks, index) end
  self.count = self.count - 1
end

function ordered:first()
  return self.blocks[1][1]
end

-- Up to `count` entries from number `from` (1 is the smallest) upwards.
local function ascending(self, from, count)
  local entries = {}
  for _, block in ipairs(self.blocks) do
    if from > #block then
      from = from - #block
    else
      for i = from, math.min(#block, from + count - 1) do
        entries[#entries + 1] = block[i]
        count = count - 1
      end
      from = 1
      if count <= 0 then break end
    end
  end
  return entries
end

-- Up to `count` entries from number `from`; with `descending`, number 1 is
-- the largest.
function ordered:slice(from, count, descending)
  if not descending then return ascending(self, from, count) end
  local last = self.count - from + 1
  local first = math.max(1, last - count + 1)
  local entries = ascending(self, first, last - first + 1)
  for i = 1, math.floor(#entries / 2) do
    local j = #entries - i + 1
    entries[i], entries[j] = entries[j], entries[i]
  end
  return entries
end

return ordered
