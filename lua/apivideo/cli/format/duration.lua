--- Lengths of time, as people write and read them.

local duration = {}

local SECONDS = { s = 1, m = 60, h = 3600, d = 86400, w = 604800 }
local LONGEST = 2147483647 -- seconds, the service's longest for a token
local LONGEST_WAIT = 1000000 -- seconds, the library's longest

local TOO_LONG = "'%s' is too long: %d seconds (%s) are the most"

--- Reads "90", "90s", "15m", "2h", "7d" or "1w".
---@param text string
---@return integer? seconds
---@return string? problem
function duration.read(text)
  local digits, unit = text:match "^(%d+)([smhdw]?)$"
  if not digits then
    return nil, ("'%s' is not a length of time: give seconds, or a number with"
      .. " s, m, h, d or w, such as 2h or 7d"):format(text)
  end
  local seconds = tonumber(digits) * (SECONDS[unit] or 1)
  if seconds > LONGEST then
    return nil, TOO_LONG:format(text, LONGEST, "68 years")
  end
  return math.floor(seconds)
end

--- The same of how long to wait at most: not 0.
---@param text string
---@return integer? seconds
---@return string? problem
function duration.read_wait(text)
  local seconds, problem = duration.read(text)
  if seconds == 0 then return nil, ("'%s' is too short"):format(text) end
  if seconds and seconds > LONGEST_WAIT then
    return nil, TOO_LONG:format(text, LONGEST_WAIT, "11 days")
  end
  return seconds, problem
end

local UNITS = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } }

--- "2 h", "1 d 6 h": the two largest units that say something.
---@param seconds number
---@return string
function duration.words(seconds)
  local left = math.floor(seconds + 0.5)
  for i, unit in ipairs(UNITS) do
    if left >= unit[1] then
      local words = ("%d %s"):format(math.floor(left / unit[1]), unit[2])
      local smaller = UNITS[i + 1]
      local rest = smaller and math.floor(left % unit[1] / smaller[1]) or 0
      if rest == 0 then return words end
      return ("%s %d %s"):format(words, rest, smaller[2])
    end
  end
  return "0 s"
end

return duration
