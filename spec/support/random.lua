-- A small generator of pseudo-random numbers that gives the same sequence for
-- a seed on every runtime (math.random does not).

---@param seed integer
---@return fun(least: integer, most: integer): integer
return function(seed)
  local state = seed % 2147483647
  if state == 0 then state = 1 end
  local function random(least, most)
    state = state * 16807 % 2147483647
    return least + math.floor(state / 2147483647 * (most - least + 1))
  end
  random(0, 1) -- the first number of a small seed is always small
  return random
end
