--- Upload tokens as rows: for people, or for the next program in a pipe.

local apivideo = require "apivideo"
local duration = require "apivideo.cli.format.duration"
local output = require "apivideo.cli.format.output"

local HEADINGS = { "token", "valid for", "created (UTC)", "expires (UTC)" }

-- "2026-11-24T14:07:59+01:00" → "2026-11-24 13:07:59" and the seconds since
-- 1970; what is no date, as it is
local function readable(date)
  local ok, seconds = pcall(apivideo.epoch, date)
  if not ok then return date end
  return os.date("!%Y-%m-%d %H:%M:%S", seconds), seconds
end

local function expiry(token)
  if not token.expires_at then return "never" end
  local words, seconds = readable(token.expires_at)
  local left = seconds and seconds - os.time() or 0
  if left <= 0 then return words end
  return ("%s (in %s)"):format(words, duration.words(left))
end

local function for_people(token)
  local valid = token.ttl == 0 and "ever" or duration.words(token.ttl)
  local created = readable(token.created_at)
  return { token.token, valid, created, expiry(token) }
end

local function for_programs(token)
  return {
    token.token, ("%d"):format(token.ttl), token.created_at,
    token.expires_at or "-",
  }
end

local function each(tokens, row_of)
  local rows = {}
  for i, token in ipairs(tokens) do rows[i] = row_of(token) end
  return rows
end

--- Writes tokens as the form says: "table" or "plain".
---@param tokens apivideo.Token[]
---@param form string
return function(tokens, form)
  if form == "plain" then return output.plain(each(tokens, for_programs)) end
  output.table(HEADINGS, each(tokens, for_people))
end
