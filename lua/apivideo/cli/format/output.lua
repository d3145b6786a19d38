--- What a command gives, on stdout: JSON where it is asked for, a table on a
-- terminal, and elsewhere lines with tabs between their fields.

local columns_of = require "apivideo.cli.format.columns"
local failure = require "apivideo.cli.failure"
local json = require "apivideo.cli.format.json"
local status_line = require "apivideo.cli.terminal.status_line"
local terminal = require "apivideo.cli.terminal.terminal"

local output = {}

--- "json", "table" or "plain".
---@param options { json: boolean? }
function output.form(options)
  if options.json then return "json" end
  return terminal.is "stdout" and "table" or "plain"
end

-- What nobody can read, on a full disk for example, is not done.
local function check(ok, problem)
  if ok then return end
  failure.heed_readers()
  failure.raise("file", "stdout: " .. problem)
end

--- Writes a line.
function output.line(...)
  status_line.leave()
  check(io.write(...))
  check(io.write "\n")
end

--- Nothing is left to be written.
function output.finish()
  check(io.stdout:flush())
end

local has_document = false

--- Whether the one document there is was written, if only in part.
function output.has_document()
  return has_document
end

--- Writes the one document there is.
---@param value table
function output.document(value)
  has_document = true
  output.line(json.encode(value, terminal.is "stdout"))
end

local function padded(text, width)
  return text .. (" "):rep(width - columns_of.text(text))
end

local function widths_of(headings, rows)
  local widths = {}
  for i, heading in ipairs(headings) do
    widths[i] = columns_of.text(heading)
    for _, row in ipairs(rows) do
      widths[i] = math.max(widths[i], columns_of.text(row[i]))
    end
  end
  return widths
end

local function aligned(row, widths)
  local cells = {}
  for i, width in ipairs(widths) do
    cells[i] = i < #widths and padded(row[i], width) or row[i]
  end
  return table.concat(cells, "  ")
end

--- Writes rows of text under headings, in columns.
---@param headings string[]
---@param rows string[][]
function output.table(headings, rows)
  local widths = widths_of(headings, rows)
  output.line(terminal.paint("stdout", "bold", aligned(headings, widths)))
  for _, row in ipairs(rows) do output.line(aligned(row, widths)) end
end

--- Writes rows of text as lines, without headings.
---@param rows string[][]
function output.plain(rows)
  for _, row in ipairs(rows) do output.line(table.concat(row, "\t")) end
end

return output
