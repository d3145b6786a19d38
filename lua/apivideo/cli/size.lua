--- Numbers of bytes, as people write and read them.

local size = {}

local BYTES = { [""] = 1, K = 2^10, M = 2^20, G = 2^30 }

--- Reads "5242880", "50M", "50MiB" or "1G".
---@param text string
---@return integer? bytes
---@return string? problem
function size.read(text)
  local digits, unit = text:match "^(%d+)([KMG]?)$"
  if not digits then digits, unit = text:match "^(%d+)([KMG])iB$" end
  local bytes = digits and tonumber(digits) * BYTES[unit]
  if not bytes or bytes > 2^52 then
    return nil, ("'%s' is no size: give bytes, or a number with K, M or G,"
      .. " such as 50M (50 MiB)"):format(text)
  end
  return math.floor(bytes)
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
  return ("%d bytes"):format(bytes)
end

return size
