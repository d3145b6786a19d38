-- busted on a Lua for Windows, under wine. It takes busted's arguments.

local socket = require "socket"

-- What busted asks of modules that are not here: the time, and whether it
-- writes to a terminal.
package.preload["system"] = function()
  return {
    gettime = socket.gettime, monotime = socket.gettime, sleep = socket.sleep,
  }
end
package.preload["term"] = function()
  return { isatty = function() return false end }
end

-- Scripts of specs run in what stands here; a shell starts it.
arg[-1] = os.getenv "APIVIDEO_INTERPRETER" -- luacheck: ignore 122

require "spec.windows.posix"
require "busted.runner" { standalone = false }
