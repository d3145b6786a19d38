-- Loaded by busted before the specs. With APIVIDEO_GC=1 memory is collected
-- all the time, so that whatever is not anchored is gone before it is used.

local INSTRUCTIONS = 500

local function collect()
  collectgarbage()
end

if os.getenv "APIVIDEO_GC" == "1" then
  if jit then jit.off() end -- compiled code calls no hooks
  collectgarbage("setpause", 50)
  debug.sethook(collect, "", INSTRUCTIONS)
  -- Every coroutine has a hook of its own.
  local create = coroutine.create
  function coroutine.create(body) -- luacheck: ignore 122
    local thread = create(body)
    debug.sethook(thread, collect, "", INSTRUCTIONS)
    return thread
  end
end
