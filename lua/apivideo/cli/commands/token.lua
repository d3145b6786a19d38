--- The commands that manage upload tokens: create, get, list, delete.

local confirm = require "apivideo.cli.terminal.confirm"
local create_token = require "apivideo.cli.commands.creation"
local delete_all = require "apivideo.cli.commands.deletion"
local every_token = require "apivideo.cli.commands.every_token"
local failure = require "apivideo.cli.failure"
local output = require "apivideo.cli.format.output"
local write_tokens = require "apivideo.cli.format.token_rows"

local token = {}

local function show(options, it)
  local form = output.form(options)
  if form == "json" then return output.document(it) end
  write_tokens({ it }, form)
end

--- In a pipe it gives the token alone, for a variable of a script.
function token.create(client, options, run)
  local it = create_token(client, { ttl = options.ttl }, run)
  if output.form(options) == "plain" then return output.line(it.token) end
  show(options, it)
end

function token.get(client, options)
  show(options, failure.check(client.upload_tokens:get_token(options.id)))
end

local function reversed(list)
  local count = #list
  for i = 1, math.floor(count / 2) do
    list[i], list[count + 1 - i] = list[count + 1 - i], list[i]
  end
  return list
end

-- All have the order that a page has: without one that is asked for, the
-- oldest come first; the walk over them begins with the newest.
local function all(client, options)
  local tokens = {}
  every_token(client, {
    sort_by = options.sort_by, sort_order = options.sort_order,
    page_size = options.page_size, prefetch = 4,
  }, function(it) tokens[#tokens + 1] = it end)
  local asked = options.sort_by == "ttl" or options.sort_order
  return { data = asked and tokens or reversed(tokens) }
end

local function one_page(client, options)
  return failure.check(client.upload_tokens:list {
    sort_by = options.sort_by, sort_order = options.sort_order,
    current_page = options.page, page_size = options.page_size,
  })
end

local function tell_where(page)
  local where = page.pagination
  if not where or where.pages_total <= 1 then return end
  output.line(("page %d of %d, %d tokens in all"):format(
    where.current_page, where.pages_total, where.items_total))
end

local function tell_none(page)
  local where = page.pagination
  if not where or where.items_total == 0 then
    return output.line "There is no upload token."
  end
  output.line(("There is no page %d: the last one is page %d."):format(
    where.current_page, where.pages_total))
end

function token.list(client, options)
  local page = (options.all and all or one_page)(client, options)
  local form = output.form(options)
  if form == "json" then return output.document(page) end
  if form == "table" and #page.data == 0 then return tell_none(page) end
  write_tokens(page.data, form)
  if form == "table" then tell_where(page) end
end

function token.delete(client, options, run)
  local ids = options.ids
  if #ids > 1 then
    confirm.require(options, "token delete")
    confirm.ask(options, ("Delete %d tokens?"):format(#ids))
  end
  return delete_all(client, ids, options, run)
end

return token
