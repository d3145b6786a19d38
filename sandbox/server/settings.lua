-- What can be changed while the sandbox runs, each with its default and the
-- values that it takes. Sizes are in bytes, times in seconds.
local MIB = 2 ^ 20

local function boolean(value)
  return type(value) == "boolean", "true or false"
end

local function integer(minimum)
  return function(value)
    local fits = type(value) == "number" and value == math.floor(value)
      and value >= minimum and value < 2 ^ 53
    return fits, "an integer from " .. minimum
  end
end

local function number(value)
  return type(value) == "number" and math.abs(value) < 2 ^ 40, "a number"
end

local function share(value)
  local fits = type(value) == "number" and value >= 0 and value <= 1
  return fits, "a number from 0 to 1"
end

local function keys(value)
  local fits = type(value) == "table" and #value > 0
  for _, key in ipairs(fits and value or {}) do
    fits = fits and type(key) == "string" and key ~= ""
  end
  return fits, "a list of API keys"
end

local function rate_limits(value)
  local wanted = "false or an object with reads, writes, uploads and window"
  if value == false then return true end
  if type(value) ~= "table" then return false, wanted end
  for name, limit in pairs(value) do
    local known = name == "reads" or name == "writes" or name == "uploads"
    local positive = type(limit) == "number" and limit > 0
    if name == "window" then known = positive end
    if not known or not integer(0)(name == "window" and 0 or limit) then
      return false, wanted
    end
  end
  return true
end

local KINDS = {
  access_token_lifetime = { default = 3600, check = integer(0) },
  clock_offset = { default = 0, check = number },
  fault_rate = { default = 0, check = share },
  fault_seed = { default = 0, check = integer(0) },
  keys = { default = { "sandbox_key" }, check = keys },
  maximum_file_size = { default = 30 * 1024 * MIB, check = integer(1) },
  maximum_part_size = { default = 200 * MIB, check = integer(1) },
  maximum_parts = { default = 10000, check = integer(1) },
  minimum_part_size = { default = 5 * MIB, check = integer(0) },
  null_expires_at = { default = false, check = boolean },
  rate_limits = { default = false, check = rate_limits },
  suspended = { default = false, check = boolean },
}

local settings = { current = {} }

function settings.reset()
  for name, kind in pairs(KINDS) do settings.current[name] = kind.default end
end

-- Takes over all of `changes`, or nothing: then the reason is returned.
function settings.change(changes)
  for name, value in pairs(changes) do
    local kind = KINDS[name]
    if not kind then return "there is no setting '" .. name .. "'" end
    local fits, wanted = kind.check(value)
    if not fits then return name .. " must be " .. wanted end
  end
  for name, value in pairs(changes) do settings.current[name] = value end
end

settings.reset()

return settings
