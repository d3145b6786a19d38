--- The command that deletes tokens by their age.

local apivideo = require "apivideo"
local clock = require "apivideo.cli.commands.clock"
local confirm = require "apivideo.cli.terminal.confirm"
local delete_all = require "apivideo.cli.commands.deletion"
local duration = require "apivideo.cli.format.duration"
local every_token = require "apivideo.cli.commands.every_token"
local failure = require "apivideo.cli.failure"
local output = require "apivideo.cli.format.output"
local status_line = require "apivideo.cli.terminal.status_line"
local write_tokens = require "apivideo.cli.format.token_rows"

-- What time the service has.
local function service_time(client)
  local _, response =
    failure.check(client.upload_tokens:list { page_size = 1 })
  return clock.of(response) or os.time()
end

-- Seconds since 1970. What is no date is the service's fault, and no misuse.
local function epoch(date)
  local ok, seconds = pcall(apivideo.epoch, date)
  if ok then return seconds end
  return failure.raise("protocol", ("the service gave a date that is none: %s;"
    .. " nothing was deleted"):format(date))
end

-- Whether a token meets the conditions.
local function chooser(options, now)
  local oldest, soonest = options.older_than, options.expired_within
  return function(token)
    if oldest and epoch(token.created_at) > now - oldest then
      return false
    end
    if not soonest then return true end
    return token.expires_at ~= nil
      and epoch(token.expires_at) <= now + soonest
  end
end

-- → the tokens that are meant, and the number of those that were looked at
local function find(client, options)
  local fits = chooser(options, service_time(client))
  local found, count = {}, 0
  every_token(client, { prefetch = 4 }, function(token)
    count = count + 1
    if fits(token) then found[#found + 1] = token end
    if count % 100 == 0 then
      status_line.show(("looked at %d tokens"):format(count))
    end
  end)
  status_line.leave()
  return found, count
end

local function conditions(options)
  local words = {}
  if options.older_than then
    words[1] = "older than " .. duration.words(options.older_than)
  end
  if options.expired_within then
    words[#words + 1] =
      "expiring within " .. duration.words(options.expired_within)
  end
  return table.concat(words, " and ")
end

local function question(options, found, count)
  local what = ("%d of %d tokens"):format(#found, count)
  if #found == count then
    what = count == 1 and "the only token" or ("all %d tokens"):format(count)
  end
  local which = conditions(options)
  if which ~= "" then what = ("%s (%s)"):format(what, which) end
  return ("Delete %s?"):format(what)
end

local function show(options, found)
  local form = output.form(options)
  if form == "json" then
    return output.document { data = found, dry_run = true }
  end
  write_tokens(found, form)
end

-- Nothing fits.
local function tell_none(options)
  if options.json then
    output.document { data = {}, failed = {} }
  elseif output.form(options) == "table" then
    output.line "There is no such token: nothing is to be deleted."
  end
end

--- Deletes the tokens that meet the conditions; asks before.
---@return integer? status
return function(client, options, run)
  if not options.dry_run then confirm.require(options, "token purge") end
  local found, count = find(client, options)
  if options.dry_run and (#found > 0 or options.json) then
    return show(options, found)
  end
  if #found == 0 then return tell_none(options) end
  confirm.ask(options, question(options, found, count))
  local ids = {}
  for i, token in ipairs(found) do ids[i] = token.token end
  return delete_all(client, ids, options, run, true)
end
