--- What the command line understands, and says when asked for help.

local apivideo = require "apivideo"
local argparse = require "argparse"
local core = require "apivideo.core"
local credential = require "apivideo.cli.credential"
local duration = require "apivideo.cli.format.duration"
local failure = require "apivideo.cli.failure"
local output = require "apivideo.cli.format.output"
local size = require "apivideo.cli.format.size"

local arguments = {}

-- --- values -----------------------------------------------------------------

-- A converter of whole numbers in a range.
local function integer(least, most)
  return function(text)
    local number = text:match "^%d+$" and tonumber(text)
    if number and number >= least and number <= most then
      return math.floor(number)
    end
    return nil, ("'%s' is not a whole number from %d to %d"):format(
      text, least, most)
  end
end

-- It is not repeated: it may be a key that was taken for one.
local function token(text)
  if credential.is_token(text) then return text end
  return nil, credential.NO_TOKEN
end

-- Often a variable that was to have one is not set.
local function path(text)
  if text ~= "" then return text end
  return nil, "a file's name is empty"
end

local function file_name(text)
  if core.is_file_name(text) then return text end
  return nil, "a file name is 1 to 255 bytes of UTF-8 without control"
    .. " characters, / and \\"
end

-- --- what many commands have ------------------------------------------------

local function examples(lines)
  return "Examples:\n  " .. table.concat(lines, "\n  ")
end

-- Prints what is asked for in place of a command, and exits.
local function give(text)
  local ok, problem = pcall(function()
    output.line(text)
    output.finish()
  end)
  os.exit(ok and failure.DONE or failure.tell(problem))
end

-- The parser's own help does not miss what could not be written.
local function with_help(parser)
  return parser:add_help { action = function() give(parser:get_help()) end }
end

local function add_command(parent, name, description)
  return with_help(parent:command(name, description))
end

local function add_yes(command)
  command:flag("-y --yes", "Do not ask.")
end

local function add_account(command)
  return command:option("--api-key-file",
    "Read the API key from the file's first line;\n"
    .. "otherwise it is in APIVIDEO_API_KEY.")
    :argname "FILE":convert(path),
  command:option("--environment", "The service to call: production (usual)\n"
    .. "or sandbox. APIVIDEO_BASE_URL beats it.")
    :choices { "production", "sandbox" },
  command:flag("--json", "Print one JSON document.")
end

-- Where argparse keeps what stands before the command: the command's own
-- options of the same names begin as if nothing had been said.
local EARLY = "before the command"

local function keep_early(result, name, value)
  result[EARLY] = result[EARLY] or {}
  result[EARLY][name] = value == nil or value -- a flag has no value
end

-- The same options before the command.
local function add_early_account(parser)
  for _, option in ipairs { add_account(parser) } do
    option:action(keep_early)
  end
end

-- --- the commands -----------------------------------------------------------

local function add_create(tokens)
  local create = add_command(tokens, "create", "Create an upload token.")
    :epilog(examples {
      "apivideo token create --ttl 2h",
      "TOKEN=$(apivideo token create --ttl 1d)    # the token alone",
    })
  create:option("--ttl", "How long it is valid: seconds, or 15m, 2h, 7d;\n"
    .. "0, or without it: for ever.")
    :argname "TIME":convert(duration.read)
  add_account(create)
end

local function add_get(tokens)
  local get = add_command(tokens, "get", "Show an upload token.")
    :epilog(examples { "apivideo token get to1tcmSFHeYY5KzyhOqVKMKb --json" })
  get:argument("id", "The token."):argname "ID":convert(token)
  add_account(get)
end

local function add_delete(tokens)
  local delete = add_command(tokens, "delete",
    "Delete upload tokens; asks when there are several.")
    :epilog(examples {
      "apivideo token delete to1tcmSFHeYY5KzyhOqVKMKb",
      "apivideo token list --all | cut -f 1 | \\",
      "  xargs -r apivideo token delete --yes",
    })
  delete:argument("ids", "The tokens."):argname "ID":args "+":convert(token)
  add_yes(delete)
  add_account(delete)
end

local function add_list(tokens)
  local list = add_command(tokens, "list", "List the active upload tokens.")
    :epilog(examples {
      "apivideo token list --sort-by ttl --sort-order asc",
      "apivideo token list --all --json",
    })
  list:option("--sort-by", "Sort by this field.")
    :choices { "created_at", "ttl" }
  list:option("--sort-order", "Ascending or descending.")
    :choices { "asc", "desc" }
  list:mutex(
    list:option("--page", "The page to show, from 1.")
      :argname "N":convert(integer(1, 2147483647)),
    list:flag("--all", "All pages."))
  list:option("--page-size", "Tokens on a page, 1 to 100.")
    :argname "N":convert(integer(1, 100))
  add_account(list)
end

local function add_purge(tokens)
  local purge = add_command(tokens, "purge",
    "Delete all upload tokens, or those that meet the conditions.")
    :epilog(examples {
      "apivideo token purge --older-than 7d --dry-run",
      "apivideo token purge --expired-within 1h --yes",
    })
  purge:option("--older-than", "Created longer ago than this, 12h or 7d.")
    :argname "TIME":convert(duration.read)
  purge:option("--expired-within", "Expire within this time from now.")
    :argname "TIME":convert(duration.read)
  purge:flag("--dry-run", "Show them, and delete nothing.")
  add_yes(purge)
  add_account(purge)
end

local function add_upload(parser)
  local upload = add_command(parser, "upload", "Upload videos.")
    :epilog(examples {
      "apivideo upload holiday.mp4",
      "apivideo upload --parallel 4 --chunk-size 20M holiday.mp4",
      "apivideo upload --resume holiday.mp4",
      "apivideo upload --token to1tcmSFHeYY5KzyhOqVKMKb *.mp4",
      "ffmpeg … | apivideo upload --file-name holiday.mp4 -",
    } .. "\n\nWithout --token, one is made with the API key, and deleted"
      .. " afterwards.\nWhile FILE is sent in parts, FILE.upload says what has"
      .. " arrived: --resume\ngoes on with it, or begins where there is none.")
  upload:argument("files", "Files, or pipes; - is stdin.")
    :argname "FILE":args "+":convert(path)
  upload:option("--token", "The upload token; no API key is needed then.\n"
    .. "It may also be in APIVIDEO_UPLOAD_TOKEN.")
    :argname "TOKEN":convert(token)
  upload:option("--parallel", "Parts that are sent at once, 1 to 64.")
    :argname "N":convert(integer(1, 64))
  upload:option("--chunk-size", "Size of a part, 5M to 128M; usually 50M.")
    :argname "SIZE":convert(size.from_to("5M", "128M"))
  upload:option("--file-name", "The video's title; usually the file's name.")
    :argname "NAME":convert(file_name)
  upload:option("--timeout", "How long the upload of a file may take;\n"
    .. "usually there is no limit."):argname "TIME":convert(duration.read_wait)
  upload:option("--idle-timeout", "How long an upload may stand still;\n"
    .. "usually 30s."):argname "TIME":convert(duration.read_wait)
  upload:flag("--resume", "Go on with an upload that broke off.")
  add_account(upload)
end

local function add_doctor(parser)
  local doctor = add_command(parser, "doctor",
    "Check the setup, and say what is wrong.")
    :epilog(examples { "apivideo doctor" })
  add_account(doctor)
end

local function add_completion(parser)
  local completion = add_command(parser, "completion",
    "Print the completion script for a shell.")
    :epilog(examples {
      'source <(apivideo completion bash)      # in ~/.bashrc',
      "apivideo completion zsh >~/.zfunc/_apivideo",
      "apivideo completion fish >~/.config/fish/completions/apivideo.fish",
    })
  completion:argument("shell", "bash, zsh or fish.")
    :choices { "bash", "zsh", "fish" }
end

local function version()
  give("apivideo " .. apivideo._VERSION)
end

-- --- all of it --------------------------------------------------------------

--- A new parser.
function arguments.parser()
  local parser = argparse("apivideo",
    "Upload tokens and uploads of api.video.",
    examples {
      "apivideo doctor                   # is all set up?",
      "apivideo token create --ttl 2h",
      "apivideo upload holiday.mp4",
      "apivideo upload --help            # each command has examples",
    } .. "\n\nThe API key is in the variable APIVIDEO_API_KEY, or in a file"
      .. " for --api-key-file.\nExit status: 0 done, 1 failed, 2 misuse,"
      .. " 130 interrupted.")
  with_help(parser):command_target "command"
  parser:flag("--version", "Show the version and exit."):action(version)
  add_early_account(parser)
  local tokens = add_command(parser, "token", "Manage upload tokens.")
  tokens:target "of_token":command_target "subcommand"
  add_create(tokens)
  add_get(tokens)
  add_delete(tokens)
  add_list(tokens)
  add_purge(tokens)
  add_upload(parser)
  add_doctor(parser)
  add_completion(parser)
  return parser
end

-- What people type elsewhere for what is called otherwise here.
local SYNONYMS = {
  help = "--help", version = "--version", ls = "list", rm = "delete",
  remove = "delete", new = "create", add = "create", show = "get",
  check = "doctor",
}

-- The word in which the parser found a short option that is none, and the one
-- before it.
local function word_of(option, words)
  for i, word in ipairs(words) do
    if word == "--" then return option end
    if word:sub(1, #option) == option then return word, words[i - 1] end
  end
  return option
end

local function advice_for_dash(option, words)
  local word, before = word_of(option, words)
  if word:lower() == "-v" then return word, "did you mean '--version'?" end
  if before and before:find "^%-%-" and word:find "^%-%d" then
    return word, ("the value of '%s' cannot be negative"):format(before)
  end
  if words[1] ~= "upload" then return word, "--help tells more" end
  return word, ("if it is a file's name, give it as ./%s"):format(word)
end

-- What the parser found wrong, and what to do.
local function with_advice(problem, words)
  local option = problem:match "^unknown option '(%-[^-])'"
  if option then
    return ("unknown option '%s'; %s"):format(advice_for_dash(option, words))
  end
  local command = problem:match "^unknown command '(.-)'"
  if SYNONYMS[command] then
    return ("unknown command '%s'; did you mean '%s'?"):format(
      command, SYNONYMS[command])
  end
  if problem == "a command is required" then
    return words[1] == "token"
      and problem .. ": create, get, delete, list or purge"
      or problem .. ": token, upload, doctor or completion; --help tells more"
  end
  local mended, found = problem:gsub("%s*\nDid you mean", "; did you mean")
  if found > 0 then return mended end
  return mended .. " (--help tells more)"
end

-- No option of the parser, not even a hidden one: what completes commands
-- would offer it. Behind "--" is no option.
local function refuse_key(words)
  for _, word in ipairs(words) do
    if word == "--" then return end
    if word:match "^[^=]*" == "--api-key" then
      failure.misuse("a key in an argument shows in the list of processes:"
        .. " put it into APIVIDEO_API_KEY, or into a file for --api-key-file")
    end
  end
end

--- Reads a command line; misuse raises.
---@param words string[]
---@return table options with the name of the command in `name`
function arguments.read(words)
  refuse_key(words)
  local ok, options = arguments.parser():pparse(words)
  if not ok then failure.misuse(with_advice(options, words)) end
  for name, value in pairs(options[EARLY] or {}) do
    if options[name] == nil then options[name] = value end
  end
  options.name = options.command
  if options.subcommand then
    options.name = options.command .. " " .. options.subcommand
  end
  return options
end

return arguments
