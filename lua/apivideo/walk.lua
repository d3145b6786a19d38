--- Walks over the list of tokens that give each token once, although the list
-- changes between two reads.
--
-- A walk is a function that returns the next batch of tokens, nil at the end,
-- or false and an error; it is told how many tokens of the batch before were
-- new. It asks `read(number)` for a page, which returns the page, or false and
-- an error.

local walk = {}

local function reversed(tokens)
  local result = {}
  for i = #tokens, 1, -1 do result[#result + 1] = tokens[i] end
  return result
end

--- Newest first. `read` gives pages by age, oldest first, and they are read
-- from the last to the first: what is created meanwhile comes after the walk's
-- start, and what is deleted moves other tokens only toward pages that are
-- still to be read. So no token is missed, whatever happens.
---@param read function
---@return fun(fresh: integer): apivideo.Token[]|false|nil, apivideo.Error?
function walk.newest_first(read)
  local number -- of the page to be read next; nil before the first read
  return function()
    if number == 0 then return nil end
    local page, err = read(number or 1)
    if page and not number and page.pagination.pages_total > 1 then
      number = page.pagination.pages_total -- the first read told only this
      page, err = read(number)
    end
    if not page then return false, err end
    number = (number or 1) - 1
    return reversed(page.data)
  end
end

-- Steps back without a new token before the walk goes on without the promise: a
-- total that goes up and down at every read must not hold it forever.
local PATIENCE = 100

local function appended(tokens, more)
  local all = {}
  for _, token in ipairs(tokens) do all[#all + 1] = token end
  for _, token in ipairs(more) do all[#all + 1] = token end
  return all
end

--- As the list is ordered. Deletions move tokens toward pages already read:
-- when the total has shrunk, or this very client has deleted tokens, the walk
-- steps back as far as tokens can have moved. The page that it has read too far
-- is held until the gap before it is closed.
---@param read function
---@param page_size integer that `read` asks for
---@param changes { create_token: integer, delete_token: integer } how many
-- creations and deletions the client itself has sent; too many do no harm
---@return fun(fresh: integer): apivideo.Token[]|false|nil, apivideo.Error?
function walk.in_order(read, page_size, changes)
  local covered = 0 -- places at the front of the list with nothing new
  local total -- as the last read gave it
  local held -- tokens read too far, and the places they had: first, last
  local created, deleted = changes.create_token, changes.delete_token
  local steps_back = 0
  local finished = false

  -- Takes in what has changed since the last read.
  local function note(page)
    local own_created = changes.create_token - created
    local own_deleted = changes.delete_token - deleted
    local now_total = page.pagination.items_total
    local expected = (total or now_total) + own_created - own_deleted
    local moved = own_deleted + math.max(0, expected - now_total)
    covered = math.max(0, covered - moved)
    if held then held.last = held.last - moved end
    -- What was created may stand between the tokens that are held.
    if own_created > 0 or now_total > expected then held = nil end
    total, created, deleted =
      now_total, changes.create_token, changes.delete_token
  end

  -- The tokens of a page that covers the places before `last`, together with
  -- those held when these go on from there.
  local function join(tokens, last)
    if not held or last < held.first then return tokens, last end
    return appended(tokens, held.tokens), math.max(last, held.last)
  end

  return function(fresh)
    if fresh > 0 then steps_back = 0 end
    while not finished do
      local number = math.floor(covered / page_size) + 1
      local first = (number - 1) * page_size
      local page, err = read(number)
      if not page then return false, err end
      note(page)
      local is_last = number >= page.pagination.pages_total
      local tokens, last = join(
        page.data, is_last and math.max(total, first) or number * page_size)
      if first <= covered or steps_back >= PATIENCE then
        held = nil
        covered = last
        finished = covered >= total
        return tokens
      end
      held = { tokens = tokens, first = first, last = last }
      steps_back = steps_back + 1
    end
    return nil
  end
end

return walk
