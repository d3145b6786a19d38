--- How far an upload is, as a line of a given width.

local columns_of = require "apivideo.cli.format.columns"
local duration = require "apivideo.cli.format.duration"
local shown = require "apivideo.cli.format.shown"
local size = require "apivideo.cli.format.size"
local system = require "apivideo.cli.system"

local SHORTEST_BAR, LONGEST_BAR, LONGEST_NAME = 10, 40, 30
local PERCENT = 7 -- columns, with what is around it

local function time_left(progress)
  local left = progress.total_bytes - progress.uploaded_bytes
  if left == 0 then return "waiting for the answer" end
  if progress.bytes_per_second <= 0 then return "" end
  return duration.words(left / progress.bytes_per_second) .. " left"
end

local function bar(share, width, utf8)
  local full = math.floor(share * width)
  local on, off = "#", "-"
  if utf8 then on, off = "█", "░" end
  return on:rep(full) .. off:rep(width - full)
end

-- The last name of a path, in so many columns.
local function short(path, most)
  local name = shown(system.last_name(path))
  if columns_of.text(name) <= most then return name end
  local half = (most - 3) / 2
  return columns_of.first(name, half) .. "..." .. columns_of.last(name, half)
end

--- The line; where there is little room, without the bar.
---@param path string
---@param progress apivideo.Progress
---@param columns integer
---@param utf8 boolean
---@return string
return function(path, progress, columns, utf8)
  local name = short(path, math.min(LONGEST_NAME, columns - PERCENT))
  local total = progress.total_bytes
  if not total then -- it comes through a pipe, and has not ended
    return ("%s  %s  %s/s"):format(name, size.words(progress.uploaded_bytes),
      size.words(progress.bytes_per_second))
  end
  local share = progress.uploaded_bytes / total
  local words = ("%3d%%  %s of %s  %s/s  %s"):format(
    math.floor(share * 100), size.words(progress.uploaded_bytes),
    size.words(progress.total_bytes), size.words(progress.bytes_per_second),
    time_left(progress))
  local room = columns - columns_of.text(name) - columns_of.text(words) - 4
  if room < SHORTEST_BAR then return name .. "  " .. words end
  local width = math.min(room, LONGEST_BAR)
  return name .. "  " .. bar(share, width, utf8) .. "  " .. words
end
