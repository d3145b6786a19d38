--- Prints the manual page, apivideo(1), in troff: the words are those
-- that `--help` has.

local apivideo = require "apivideo"
local arguments = require "apivideo.cli.arguments"

local function put(line)
  io.write(line, "\n")
end

-- Text as troff reads it: a minus that can be copied, and nothing that is
-- taken for a request.
local function escaped(text)
  return (text:gsub("\\", "\\e"):gsub("%-", "\\-")
    :gsub("^[.']", "\\&%0"):gsub("\n([.'])", "\n\\&%1"))
end

local function put_text(text)
  put(escaped(text))
end

-- Lines stay as they are.
local function put_verbatim(text)
  put ".nf"
  put_text(text)
  put ".fi"
end

local function put_usage(parser)
  local usage = parser:get_usage():gsub("^Usage: ", ""):gsub("%s+", " ")
  put_text(usage)
end

-- What stands below the options: examples, with their title, and paragraphs.
local function parts_of(epilog)
  local examples, paragraphs = "", {}
  for block in (epilog .. "\n\n"):gmatch "(.-)\n\n+" do
    if block:find "^Examples:\n" then
      examples = block
    else
      paragraphs[#paragraphs + 1] = block
    end
  end
  return examples, paragraphs
end

local function put_paragraphs(paragraphs)
  for _, paragraph in ipairs(paragraphs) do
    put ".PP"
    put_text(paragraph)
  end
end

-- Arguments or options, each with its words.
local function put_elements(elements)
  for _, element in ipairs(elements) do
    if not element._hidden then
      local label = table.concat(element:_get_label_lines(), " ")
      put ".TP"
      put(".B " .. escaped((label:gsub("%s+", " "))))
      put_text(element:_get_description())
    end
  end
end

-- A command, and those below it.
local function put_command(command)
  local examples, paragraphs = parts_of(command._epilog or "")
  put(".SS " .. escaped(command:_get_fullname()))
  put_usage(command)
  put_paragraphs { command._description }
  put_elements(command._arguments)
  put_elements(command._options)
  put_paragraphs(paragraphs)
  put ".PP"
  put_verbatim(examples)
  for _, each in ipairs(command._commands) do put_command(each) end
end

-- Of what the page is made from, so that it is the same each time.
local function date()
  local epoch = tonumber(os.getenv "SOURCE_DATE_EPOCH")
  return epoch and os.date("!%Y-%m-%d", epoch) or ""
end

local parser = arguments.parser()
local examples, paragraphs = parts_of(parser._epilog)

put((".TH APIVIDEO 1 \"%s\" \"apivideo %s\" \"User Commands\""):format(
  escaped(date()), apivideo._VERSION))
put ".nh" -- a word that is broken cannot be copied
put ".ad l"
put ".SH NAME"
put_text("apivideo - " .. parser._description:gsub("^%u", string.lower)
  :gsub("%.$", ""))
put ".SH SYNOPSIS"
put_usage(parser)
put ".SH DESCRIPTION"
put_text(parser._description)
put_paragraphs(paragraphs)
put ".SH OPTIONS"
put_elements(parser._options)
put ".SH COMMANDS"
for _, command in ipairs(parser._commands) do put_command(command) end
put ".SH EXAMPLES"
put_verbatim((examples:gsub("^Examples:\n", "")))
