--- Dates as the service writes them (ATOM, RFC 3339) in Unix seconds.

local core = require "apivideo.core"
local misuse = require "apivideo.util.misuse"

local PATTERN = "^(%d%d%d%d)%-(%d%d)%-(%d%d)[Tt](%d%d):(%d%d):(%d%d)(.*)$"
local DAYS = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 }

local function is_leap(year)
  return year % 4 == 0 and (year % 100 ~= 0 or year % 400 == 0)
end

local function days_in(month, year)
  if month == 2 and is_leap(year) then return 29 end
  return DAYS[month]
end

-- Days from 1970-01-01 to the first day of the year.
local function days_before(year)
  local before = year - 1
  local leaps = math.floor(before / 4) - math.floor(before / 100)
    + math.floor(before / 400)
  return before * 365 + leaps - 719162
end

-- Seconds east of UTC that "Z", "+05:30" or ".25-01:00" stand for, or nil.
local function offset_of(zone)
  zone = zone:gsub("^%.%d+", "")
  if zone == "Z" or zone == "z" then return 0 end
  local sign, hours, minutes = zone:match "^([+-])(%d%d):?(%d%d)$"
  hours, minutes = tonumber(hours), tonumber(minutes)
  if not sign or hours > 23 or minutes > 59 then return nil end
  local seconds = hours * 3600 + minutes * 60
  return sign == "-" and -seconds or seconds
end

local function seconds_of(text)
  local year, month, day, hour, minute, second, zone = text:match(PATTERN)
  if not year then return nil end
  local offset = offset_of(zone)
  year, month, day = tonumber(year), tonumber(month), tonumber(day)
  hour, minute, second = tonumber(hour), tonumber(minute), tonumber(second)
  if not offset or month < 1 or month > 12 then return nil end
  if day < 1 or day > days_in(month, year) then return nil end
  if hour > 23 or minute > 59 or second > 60 then return nil end
  local days = days_before(year) + day - 1
  for earlier = 1, month - 1 do
    days = days + days_in(earlier, year)
  end
  return days * 86400 + hour * 3600 + minute * 60 + second - offset
end

--- Unix seconds of a date such as `2020-12-02T10:26:46+00:00`, with any
-- offset from UTC; fractions of a second are dropped.
---@param text string
---@return integer seconds
local function epoch(text)
  local seconds = type(text) == "string" and seconds_of(text)
  if seconds then return seconds end
  local expected = "expected a date such as 2020-12-02T10:26:46+00:00, got "
  misuse.raise("epoch", 1, expected .. core.describe(text))
  return 0
end

return epoch
