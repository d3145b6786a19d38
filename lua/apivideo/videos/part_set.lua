--- Which parts have arrived: all up to one, and perhaps some after that.

---@class apivideo.PartSet
---@field upto integer all parts up to this one have arrived
---@field beyond table<integer, true> those after the gap
local PartSet = {}
PartSet.__index = PartSet

---@return apivideo.PartSet
function PartSet.new()
  return setmetatable({ upto = 0, beyond = {} }, PartSet)
end

--- A part may arrive twice.
---@param number integer
function PartSet:add(number)
  if self:has(number) then return end
  self.beyond[number] = true
  while self.beyond[self.upto + 1] do
    self.upto = self.upto + 1
    self.beyond[self.upto] = nil
  end
end

---@param number integer
function PartSet:has(number)
  return number <= self.upto or self.beyond[number] == true
end

--- How many there are.
---@return integer
function PartSet:count()
  local count = self.upto
  for _ in pairs(self.beyond) do count = count + 1 end
  return count
end

--- "1-57,59": short, however many there are.
function PartSet:__tostring()
  local words, rest = {}, {}
  if self.upto > 0 then words[1] = "1-" .. ("%d"):format(self.upto) end
  for number in pairs(self.beyond) do rest[#rest + 1] = number end
  table.sort(rest)
  for _, number in ipairs(rest) do
    words[#words + 1] = ("%d"):format(number)
  end
  return table.concat(words, ",")
end

--- Reads what tostring gives; nil when it is something else.
---@param text string
---@return apivideo.PartSet?
function PartSet.parse(text)
  local set = PartSet.new()
  local upto, rest = text:match "^1%-(%d+)(.*)$"
  if upto then
    set.upto = tonumber(upto)
    rest = rest:match "^,(.*)$" or rest
  end
  for number in (rest or text):gmatch "%d+" do set:add(tonumber(number)) end
  if tostring(set) ~= text then return nil end
  return set
end

return PartSet
