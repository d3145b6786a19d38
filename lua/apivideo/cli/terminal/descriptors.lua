--- Standard descriptors that are closed: what is opened next, a connection for
-- example, would be in their place, and take what is written to stdout.

local system = require "apivideo.cli.system"

local EBADF = 9 -- wherever this runs

local function is_closed(stream)
  local _, _, code = stream:seek()
  return code == EBADF
end

-- Open as long as the process is.
local occupied = {}

--- Fills their places: reading finds nothing, writing fails.
return function()
  -- The lowest place is the next that is taken.
  for _, stream in ipairs { io.stdin, io.stdout, io.stderr } do
    if is_closed(stream) then
      occupied[#occupied + 1] = io.open(system.NOTHING, "rb")
    end
  end
end
