--- The command line: reads the words, carries the command out, and gives the
-- status to exit with. It stands on the public library.

local account = require "apivideo.cli.account"
local arguments = require "apivideo.cli.arguments"
local failure = require "apivideo.cli.failure"
local output = require "apivideo.cli.output"
local run_interruptible = require "apivideo.cli.interruptible"
local token = require "apivideo.cli.token"

-- What each does with a client and its options; it gives the status to exit
-- with, or nothing when all is done.
local COMMANDS = {
  ["token create"] = token.create,
  ["token get"] = token.get,
  ["token list"] = token.list,
  ["token delete"] = token.delete,
}

local function carry_out(words, seen)
  local options = arguments.read(words)
  seen.json = options.json
  local client = account.open(options)
  return run_interruptible(client, COMMANDS[options.name], client, options)
end

-- There is one document also where a command failed.
local function give_error(err)
  local _, kind, words = failure.describe(err)
  output.document { error = { kind = kind, message = words } }
end

--- Carries out a command line.
---@param words string[]
---@return integer status
return function(words)
  local seen = {}
  local ok, result = pcall(carry_out, words, seen)
  if ok then return result or failure.DONE end
  if seen.json then give_error(result) end
  return failure.tell(result)
end
