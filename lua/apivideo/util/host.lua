--- What only some hosts have, asked for in one place. A host may forbid its
-- programs to read a global that was not declared, so nobody else asks.

local globals = _G

-- What nobody has declared is nil here, and no error.
local function global(name)
  return rawget(globals, name)
end

local loaded = package.loaded
local debug = global "debug"

return {
  -- nginx's Lua module: it has a table of globals of its own for each request.
  ngx = loaded.ngx or global "ngx",
  jit = global "jit",
  newproxy = global "newproxy",
  unpack = table.unpack or global "unpack", -- luacheck: ignore 143
  close = coroutine.close, -- luacheck: ignore 143
  debug = debug,
  -- Of what hides its metatable, too, where there is the debug library.
  getmetatable = debug and debug.getmetatable or getmetatable,
  io = global "io",
  os = global "os",
}
