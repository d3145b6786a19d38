--- Numbers of bytes, as people write and read them.

local size = {}

local BYTES = { [""] = 1, K = 2^10, M = 2^20, G = 2^30 }

-- Reads "5242880", "50M", "50MiB" or "1G".
local function read(text)
  local digits, unit = text:match "^(%d+)([KMG]?)$"
  if not digits then digits, unit = text:match "^(%d+)([KMG])iB$" end
  return digits and tonumber(digits) * BYTES[unit]
end

--- A converter of sizes in a range, which is given in the same way.
---@param least string
---@param most string
---@return fun(text: string): integer?, string?
function size.from_to(least, most)
  return function(text)
    local bytes = read(text)
    if not bytes then
      return nil, ("'%s' is not a size: give bytes, or a number with K, M or G,"
        .. " such as 50M (50 MiB)"):format(text)
    end
    if bytes < read(least) or bytes > read(most) then
      return nil, ("a size of '%s' is not from %s to %s"):format(
        text, least, most)
    end
    return math.floor(bytes)
  end
end

local UNITS = { { 2^30, "GiB" }, { 2^20, "MiB" }, { 2^10, "KiB" } }

--- "266.4 MiB"
---@param bytes number
---@return string
function size.words(bytes)
  for _, unit in ipairs(UNITS) do
    if bytes >= unit[1] then
      return ("%.1f %s"):format(bytes / unit[1], unit[2])
    end
  end
  return ("%d bytes"):format(math.floor(bytes))
end

return size
