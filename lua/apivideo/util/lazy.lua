--- Modules that are loaded when they are first needed: most programs never
-- need most of them, and pay for none of those with their start.

local host = require "apivideo.util.host"

local package, require = package, require

-- What a module may be; `true` stands for one that gives nothing.
local IS_LOADED = { table = true, ["function"] = true, boolean = true }

-- PUC Lua 5.1 and LuaJIT mark a module while it loads, each with a value of its
-- own. When that fails, for want of memory or by Ctrl-C for example, they leave
-- the mark and refuse the module from then on.
local function forget_failures()
  for name, value in pairs(package.loaded) do
    local is_ours = type(name) == "string" and name:find "^apivideo%."
    if is_ours and not IS_LOADED[type(value)] then
      package.loaded[name] = nil
    end
  end
end

local NOT_THERE = { [2] = true, [20] = true } -- ENOENT, ENOTDIR

-- Lua calls a file that cannot be opened missing. → what keeps it from being
-- opened; nil: it is missing
local function why_unread(problem)
  if type(problem) ~= "string" or not host.io then return nil end
  for path in problem:gmatch "no file '([^']+)'" do
    local file, words, code = host.io.open(path)
    if file then file:close() end
    if code and not NOT_THERE[code] then return words end
  end
end

local function load(name)
  local ok, result = pcall(require, name)
  if ok then return result end
  local why = why_unread(result)
  if not why then error(result, 0) end
  error(("module '%s' cannot be loaded: %s"):format(name, why), 0)
end

--- A function that gives the module, which its first call loads.
---@param name string
---@return fun(): any
return function(name)
  local module
  return function()
    if module == nil then
      forget_failures()
      module = load(name)
    end
    return module
  end
end
