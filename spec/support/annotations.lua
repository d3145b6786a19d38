-- The annotations of the library's files, as an editor reads them, and whether
-- a value is what they say.

local annotations = {}

-- --- types ------------------------------------------------------------------

-- A type is { "name", … } or { "union", types }, { "list", type },
-- { "map", key, value }, { "literal", value }; what is between braces counts as
-- a table, and functions are not looked into.

local parse_union

-- What a function gives is part of its type.
local function skip_results(text)
  local rest = text:match "^%s*:%s*(.*)$"
  while rest do
    local _
    _, text = parse_union(rest)
    rest = text:match "^%s*,%s*(.*)$"
  end
  return text
end

local function parse_generic(name, text)
  local arguments = {}
  repeat
    arguments[#arguments + 1], text = parse_union(text)
    local more = text:match "^%s*,%s*(.*)$"
    text = more or text
  until not more
  text = assert(text:match "^%s*>(.*)$", "a > is missing: " .. text)
  assert(name == "table" and #arguments == 2, name)
  return { "map", arguments[1], arguments[2] }, text
end

local function parse_primary(text)
  local literal, rest = text:match '^"([^"]*)"(.*)$'
  if literal then return { "literal", literal }, rest end
  if text:find "^{" then return { "table" }, text:match "^%b{}(.*)$" end
  if text:find "^%(" then
    local inner, after = text:match "^(%b())(.*)$"
    return parse_union(inner:sub(2, -2)), after
  end
  if text:find "^fun%(" then
    return { "function" }, skip_results(text:match "^fun%b()(.*)$")
  end
  local name
  name, rest = text:match "^([%w_.*]+)(.*)$"
  assert(name, "no type: " .. text)
  local inner = rest:match "^<(.*)$"
  if inner then return parse_generic(name, inner) end
  if name == "true" or name == "false" then
    return { "literal", name == "true" }, rest
  end
  return { name }, rest
end

local function parse_suffixed(text)
  local kind
  kind, text = parse_primary(text)
  while true do
    if text:find "^%[%]" then
      kind, text = { "list", kind }, text:sub(3)
    elseif text:find "^%?" then
      kind, text = { "union", { kind, { "nil" } } }, text:sub(2)
    else
      return kind, text
    end
  end
end

-- → the type that the text begins with, and what is behind it
function parse_union(text)
  local types = {}
  repeat
    types[#types + 1], text = parse_suffixed(text)
    local more = text:match "^|(.*)$"
    text = more or text
  until not more
  return #types == 1 and types[1] or { "union", types }, text
end

-- --- files ------------------------------------------------------------------

local function names_in(list)
  local names = {}
  for name in list:gmatch "[%w_.]+" do names[#names + 1] = name end
  return names
end

local function add_field(class, line)
  local scope, rest = line:match "^%-%-%-@field (package) (.*)$"
  rest = rest or line:match "^%-%-%-@field (.*)$"
  local name, optional, text = rest:match "^(%[?[%w_]+%]?)(%??) (.*)$"
  assert(name, line)
  local kind = parse_union(text)
  if optional == "?" then kind = { "union", { kind, { "nil" } } } end
  class.fields[name] = { kind = kind, internal = scope ~= nil }
end

local function read_class(line)
  return {
    name = line:match "^%-%-%-@class ([%w_.]+)",
    parents = names_in(line:match " : ([%w_., ]+)$" or ""),
    fields = {}, functions = {},
  }
end

-- What a block of comments says of what stands below it.
local function read_block(all, block)
  local said = { params = {}, internal = false }
  local class, alias
  for _, line in ipairs(block) do
    if line:find "^%-%-%-@class " then
      class = read_class(line)
      assert(not all.classes[class.name], class.name .. " is there twice")
      all.classes[class.name], said.class = class, class
    elseif line:find "^%-%-%-@alias " then
      alias = {}
      all.aliases[line:match "^%-%-%-@alias ([%w_.]+)"] = alias
    elseif line:find '^%-%-%-| "' then
      alias[#alias + 1] = line:match '^%-%-%-| "([^"]+)"'
    elseif line:find "^%-%-%-@field " then
      add_field(class, line)
    elseif line:find "^%-%-%-@param " then
      said.params[#said.params + 1] = line:match "^%-%-%-@param ([%w_.]+)"
    elseif line:find "^%-%-%-@package" then
      said.internal = true
    end
  end
  return said
end

local function read_function(all, file, line, said)
  local owner, name, list = line:match "^function ([%w_]+)[.:]([%w_]+)(%b())"
  list = list or line:match "^local function [%w_]+(%b())"
    or line:match "^return function(%b())"
  if not list then return end
  local it = {
    place = file.path .. ": " .. line, params = names_in(list),
    said = said.params, internal = said.internal,
  }
  all.functions[#all.functions + 1] = it
  local class = owner and file.classes[owner]
  if class and not name:find "^__" then class.functions[name] = it end
end

local function read_file(all, path)
  local file = { path = path, classes = {} }
  local block = {}
  for line in io.lines(path) do
    if line:find "^%-%-" then
      block[#block + 1] = line
    else
      local said = read_block(all, block)
      local name = line:match "^local ([%w_]+) = "
      if name and said.class then file.classes[name] = said.class end
      read_function(all, file, line, said)
      block = {}
    end
  end
  read_block(all, block)
end

--- Reads files. → classes and aliases by name, and a list of functions
---@param paths string[]
function annotations.read(paths)
  local all = { classes = {}, aliases = {}, functions = {} }
  for _, path in ipairs(paths) do read_file(all, path) end
  return setmetatable(all, { __index = annotations })
end

--- The names of the fields of a class, its parents' included.
---@param name string
---@param internal boolean? also those that are not for users
function annotations:fields(name, internal)
  local class = assert(self.classes[name], name .. " is not annotated")
  local fields = {}
  for _, parent in ipairs(class.parents) do
    for key, field in pairs(self:fields(parent, internal)) do
      fields[key] = field
    end
  end
  for key, field in pairs(class.fields) do
    if internal or not field.internal then fields[key] = field end
  end
  return fields
end

--- The functions of a class and its parents, by their names.
---@param name string
function annotations:methods(name)
  local class = assert(self.classes[name], name .. " is not annotated")
  local found = {}
  for _, parent in ipairs(class.parents) do
    for key, it in pairs(self:methods(parent)) do found[key] = it end
  end
  for key, it in pairs(class.functions) do found[key] = it end
  return found
end

-- --- values -----------------------------------------------------------------

local conforms

local CHECKS = {
  any = function() return true end,
  integer = function(value)
    if math.type then return math.type(value) == "integer" end
    return type(value) == "number" and value % 1 == 0
  end,
  ["file*"] = function(value) return io.type(value) ~= nil end,
  union = function(value, kind, it)
    for _, each in ipairs(kind[2]) do
      if conforms(value, each, it) then return true end
    end
    return false
  end,
  literal = function(value, kind) return value == kind[2] end,
  list = function(value, kind, it)
    if type(value) ~= "table" then return false end
    for key, each in pairs(value) do
      if type(key) ~= "number" or not conforms(each, kind[2], it) then
        return false
      end
    end
    return true
  end,
  map = function(value, kind, it)
    if type(value) ~= "table" then return false end
    for key, each in pairs(value) do
      if not conforms(key, kind[2], it) or not conforms(each, kind[3], it) then
        return false
      end
    end
    return true
  end,
}

local function is_word(value, words)
  for _, word in ipairs(words) do
    if value == word then return true end
  end
  return false
end

-- Whether a value is an object of a class. A userdata tells nobody what it has,
-- and is only asked for what is to be there.
local function is_object(value, name, it)
  if type(value) ~= "table" and type(value) ~= "userdata" then return false end
  local fields = it.all:fields(name, true)
  if it.seen[value] then return true end
  it.seen[value] = true
  for key, field in pairs(fields) do
    if not key:find "^%[" then
      if not conforms(value[key], field.kind, it) then
        it.problem = it.problem or ("%s.%s is %s"):format(
          name, key, tostring(value[key]))
        return false
      end
      if value[key] ~= nil then it.met[name .. "." .. key] = true end
    end
  end
  if type(value) == "userdata" then return true end
  for key in pairs(value) do
    if not fields[key] and not fields["[string]"] then
      it.problem = ("%s has a field %s"):format(name, tostring(key))
      return false
    end
  end
  return true
end

function conforms(value, kind, it)
  local check, alias = CHECKS[kind[1]], it.all.aliases[kind[1]]
  if check then return check(value, kind, it) end
  if alias then return is_word(value, alias) end
  if it.all.classes[kind[1]] then return is_object(value, kind[1], it) end
  return type(value) == kind[1]
end

--- Raises unless a value is what a class says: no field more, and none of
-- another type. Fields that it has are noted in `met`.
---@param value any
---@param name string
---@param met table
function annotations:assert_conforms(value, name, met)
  local it = { all = self, seen = {}, met = met or {} }
  if not conforms(value, parse_union(name), it) then
    error(it.problem or name .. ": got " .. type(value), 2)
  end
end

return annotations
