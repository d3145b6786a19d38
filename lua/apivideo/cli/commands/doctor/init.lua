--- The command that looks at what calls depend on.

local failure = require "apivideo.cli.failure"
local look_at_machine = require "apivideo.cli.commands.doctor.machine"
local look_at_service = require "apivideo.cli.commands.doctor.service"
local output = require "apivideo.cli.format.output"
local shown = require "apivideo.cli.format.shown"
local terminal = require "apivideo.cli.terminal.terminal"

local COLOURS = {
  ok = "green", warning = "yellow", failed = "red", unknown = "dim",
}

local function write(findings)
  for _, it in ipairs(findings) do
    local state = terminal.paint(
      "stdout", COLOURS[it.state], ("%-7s"):format(it.state))
    output.line(state, "  ", ("%-10s"):format(it.name), "  ", it.message)
    if it.advice then
      output.line((" "):rep(21), terminal.paint("stdout", "bold", it.advice))
    end
  end
end

local function write_plain(findings)
  local rows = {}
  for i, it in ipairs(findings) do
    rows[i] = { it.state, it.name, it.message, it.advice }
  end
  output.plain(rows)
end

-- All there is to be said. Without a CA file no certificate is trusted.
local function look(client, options)
  local findings, by_name = look_at_machine(), {}
  for _, it in ipairs(look_at_service(client, options)) do
    findings[#findings + 1] = it
  end
  for _, it in ipairs(findings) do
    it.message = shown(it.message) -- it may name a file, or quote an answer
    by_name[it.name] = it
  end
  local TLS = by_name.TLS
  if TLS.state == "failed" and by_name["CA file"].state == "failed" then
    TLS.advice = "see CA file"
  end
  return findings
end

--- Says what is wrong, and what to do.
---@return integer status 1: something is wrong
return function(client, options)
  local findings = look(client, options)
  local well = true
  for _, it in ipairs(findings) do
    if it.state == "failed" then well = false end
  end
  local form = output.form(options)
  if form == "json" then
    output.document { findings = findings, well = well }
  elseif form == "plain" then
    write_plain(findings)
  else
    write(findings)
  end
  return well and failure.DONE or failure.FAILED
end
