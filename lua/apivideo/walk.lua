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
    if not page then return false, err end
    if not number then
      local last = page.pagination.pages_total
      number = math.max(last, 1)
      if last > 1 then -- the first page was read only for the total
        page, err = read(number)
        if not page then
          number = nil
          return false, err
        end
      end
    end
    number = number - 1
    return reversed(page.data)
  end
end

-- Steps back without a new token before the walk goes on all the same: a total
-- that goes up and down at every read must not hold it forever.
local PATIENCE = 100

--- As the list is ordered. Deletions move tokens toward pages already read:
-- when the total has shrunk, or tokens were deleted by this very client, the
-- walk steps back as far as they can have moved.
---@param read function
---@param page_size integer that `read` asks for
---@param changes { create_token: integer, delete_token: integer } how many the
-- client itself has created and deleted so far
---@return fun(fresh: integer): apivideo.Token[]|false|nil, apivideo.Error?
function walk.in_order(read, page_size, changes)
  local covered = 0 -- places at the front of the list with nothing new
  local total -- as the last read gave it
  local created, deleted = changes.create_token, changes.delete_token
  local steps_back = 0
  local finished = false

  -- How far tokens can have moved to the front since the last read.
  local function moved(now_total)
    local own_created = changes.create_token - created
    local own_deleted = changes.delete_token - deleted
    local expected = (total or now_total) + own_created - own_deleted
    return own_deleted + math.max(0, expected - now_total)
  end

  local function note(page)
    local now_total = page.pagination.items_total
    covered = math.max(0, covered - moved(now_total))
    total = now_total
    created, deleted = changes.create_token, changes.delete_token
  end

  return function(fresh)
    if fresh > 0 then steps_back = 0 end
    while not finished do
      local number = math.floor(covered / page_size) + 1
      local first = (number - 1) * page_size
      local page, err = read(number)
      if not page then return false, err end
      note(page)
      if first <= covered or steps_back >= PATIENCE then
        local pages_total = page.pagination.pages_total
        covered = number < pages_total and number * page_size or total
        finished = number >= pages_total or #page.data == 0
        return page.data
      end
      steps_back = steps_back + 1
    end
    return nil
  end
end

return walk
