--- The command line: reads the words, carries the command out, and gives the
-- status to exit with. It stands on the public library.

local account = require "apivideo.cli.account"
local arguments = require "apivideo.cli.arguments"
local core = require "apivideo.core"
local complete = require "apivideo.cli.commands.completion"
local doctor = require "apivideo.cli.commands.doctor"
local failure = require "apivideo.cli.failure"
local fill_descriptors = require "apivideo.cli.terminal.descriptors"
local output = require "apivideo.cli.format.output"
local purge = require "apivideo.cli.commands.purge"
local run_interruptible = require "apivideo.cli.interruptible"
local token = require "apivideo.cli.commands.token"
local upload = require "apivideo.cli.commands.upload"

-- What each does with a client, its options and its run (see below); it gives
-- the status to exit with, or nothing when all is done.
local COMMANDS = {
  ["token create"] = token.create,
  ["token get"] = token.get,
  ["token list"] = token.list,
  ["token delete"] = token.delete,
  ["token purge"] = purge,
  ["upload"] = upload,
  ["doctor"] = doctor,
}

---@class apivideo.cli.Run
---@field options? table what the words say; nil: nothing right
---@field document table the JSON that is given even if the command breaks off
---@field ambiguous? boolean what is in flight may be carried out, if it breaks
-- off now
---@field about? string what it is busy with, for the words of an error
---@field advice? string what is to be done about one
---@field afterwards (fun(client: apivideo.Client): integer?)[] called whatever
-- happens; each may give another status to exit with

-- The doctor's findings are not kept back by what is to be found; a connection
-- that takes too long is seen as such before the call does.
local function open(options)
  if options.name == "doctor" then
    options.problems, options.connect_timeout = {}, 5
  end
  return account.open(options, options.problems)
end

local function carry_out(words, run)
  run.options = arguments.read(words)
  if run.options.name == "completion" then return complete(run.options) end
  local client = open(run.options)
  local status = run_interruptible(
    client, COMMANDS[run.options.name], client, run.options, run)
  output.finish()
  return status
end

-- With a client of its own: the first may have been interrupted anywhere.
-- → another status to exit with, or nil
local function clean_up(run)
  if #run.afterwards == 0 then return end
  local client, status = account.open(run.options), nil
  for _, act in ipairs(run.afterwards) do status = act(client) or status end
  return status
end

-- Also where the words are wrong otherwise.
local function wants_json(words, run)
  if run.options then return run.options.json end
  for _, word in ipairs(words) do
    if word == "--" then return false end
    if word == "--json" then return true end
  end
  return false
end

-- There is one document also where a command failed.
local function give_error(err, run, status)
  if output.has_document() or failure.is_unread(status) then return end
  run.document.error = failure.fields(err, run)
  local ok, problem = pcall(function()
    output.document(run.document)
    output.finish()
  end)
  if not ok then failure.tell(problem) end
end

--- Carries out a command line.
---@param words string[]
---@return integer status
return function(words)
  fill_descriptors()
  core.heed_signals()
  local run = { document = {}, afterwards = {} }
  local ok, result = pcall(carry_out, words, run)
  local status = result or failure.DONE
  if not ok then
    status = failure.tell(result, run)
    if wants_json(words, run) then give_error(result, run, status) end
  end
  local clean, other = pcall(clean_up, run)
  if not clean then other = failure.tell(other) end
  return other or status
end
