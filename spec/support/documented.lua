-- Code of the documentation, run where the video is that it uploads.

local busted = require "busted"
local place = require "spec.support.place"
local service = require "spec.support.service"

local documented = {}

local folder

-- To be called in the block of its specs.
function documented.use_folder()
  busted.setup(function()
    folder = place.new()
    folder:write("movie.mp4", ("movie."):rep(2 * 2^20))
  end)
  busted.teardown(function() folder:close() end)
end

-- All that a script in Lua prints there.
function documented.run(script)
  return service.run("cd " .. folder.path .. " &&", script)
end

return documented
