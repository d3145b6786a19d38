--- Upload tokens as rows: for people, or for the next program in a pipe.

local apivideo = require "apivideo"
local duration = require "apivideo.cli.format.duration"
local output = require "apivideo.cli.format.output"

local HEADINGS = { "token", "valid for", "created (UTC)", "expires (UTC)" }

-- "2026-11-24T14:07:59+01:00" → "2026-11-24 13:07:59"
local function readable(date)
  local ok, seconds = pcall(apivideo.epoch, date)
  return ok and os.date("!%Y-%m-%d %H:%M:%S", seconds) or date
end

local function left(token)
  if not token.expires_at then return "never" end
  local seconds = apivideo.epoch(token.expires_at) - os.time()
  if seconds <= 0 then return readable(token.expires_at) end
  return ("%s (in %s)"):format(
    readable(token.expires_at), duration.words(seconds))
end

local function for_people(token)
  local valid = token.ttl == 0 and "ever" or duration.words(token.ttl)
  return { token.token, valid, readable(token.created_at), left(token) }
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
