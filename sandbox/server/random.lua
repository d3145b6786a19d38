-- Identifiers nobody has seen before: unlike the real ones they only have to
-- be different, not secret.
local LETTERS =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

local random = {}

local function seed()
  local source = io.open("/dev/urandom", "rb")
  local bytes = source and source:read(4) or ""
  if source then source:close() end
  local value = os.time()
  for i = 1, #bytes do value = (value * 256 + bytes:byte(i)) % 2 ^ 32 end
  math.randomseed(value)
end

seed()

-- `prefix` and random letters and digits, `length` characters in all.
function random.id(prefix, length)
  local bytes = { prefix }
  for i = 1, length - #prefix do
    local at = math.random(#LETTERS)
    bytes[i + 1] = LETTERS:sub(at, at)
  end
  return table.concat(bytes)
end

return random
