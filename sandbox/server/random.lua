-- Chance: identifiers nobody has seen before (unlike the real ones they only
-- have to be different, not secret), and sequences that can be had again.
local LETTERS =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

local random = {}

local function set_seed()
  local source = io.open("/dev/urandom", "rb")
  local bytes = source and source:read(4) or ""
  if source then source:close() end
  local value = os.time()
  for i = 1, #bytes do value = (value * 256 + bytes:byte(i)) % 2 ^ 32 end
  math.randomseed(value)
end

set_seed()

-- `prefix` and random letters and digits, `length` characters in all.
function random.id(prefix, length)
  local bytes = { prefix }
  for i = 1, length - #prefix do
    local at = math.random(#LETTERS)
    bytes[i + 1] = LETTERS:sub(at, at)
  end
  return table.concat(bytes)
end

-- A function that gives numbers from 0 up to 1, always the same for a seed.
function random.sequence(seed)
  local state = seed % 2147483646 + 1
  local function following()
    state = state * 16807 % 2147483647
    return state / 2147483647
  end
  following() -- the first number of a small seed is always small
  return following
end

return random
