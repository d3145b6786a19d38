--- Walks over the list of tokens that give each token once, although the list
-- changes between two reads.
--
-- A walk is a function that returns the next batch of tokens, nil at the end,
-- or false and an error; it is told how many tokens of the batch before were
-- new. It reads pages through a reader, see `ahead`. What it is told of changes
-- is how often the client itself has begun or ended a creation or a deletion:
-- twice for each one, and too many do no harm.

local walk = {}

-- Turns a list around, and gives it.
local function reverse(tokens)
  local count = #tokens
  for i = 1, math.floor(count / 2) do
    local j = count + 1 - i
    tokens[i], tokens[j] = tokens[j], tokens[i]
  end
  return tokens
end

-- --- newest first -----------------------------------------------------------

-- Pages that are read at the same time may be read in any order. So from the
-- last page that was read alone an anchor is kept, a token and its place by
-- age, which changes only when an older token goes away. If it is there still
-- when all have been read, none has slipped from page to page meanwhile.
local function anchor_of(page, number, page_size, deleted)
  local token = page.data[1]
  if not token then return nil end
  return {
    token = token.token,
    place = (number - 1) * page_size + 1,
    number = number,
    total = page.pagination.items_total,
    deleted = deleted, -- as `changes` has it
    needed = false, -- pages beside others were given out
  }
end

--- Newest first. The reader gives pages by age, oldest first, and they are read
-- from the last to the first: what is created meanwhile comes after the walk's
-- start, and what is deleted moves other tokens only toward pages that are
-- still to be read. So no token is missed, whatever happens.
---@param reader table
---@param page_size integer that it asks for
---@param changes table
---@return fun(): apivideo.Token[]|false|nil, apivideo.Error?
function walk.newest_first(reader, page_size, changes)
  local number -- of the page to be read next; nil before the first read
  local anchor -- while pages are read at the same time
  local alone = 0 -- pages to be read one by one before that

  -- The first read tells only how many pages there are.
  local function read_last()
    number = 1
    local page, err = reader:read(1)
    if page and page.pagination.pages_total > 1 then
      number = page.pagination.pages_total
      return reader:read(number)
    end
    return page, err
  end

  -- Ends reading at the same time. When a token may have slipped through, the
  -- walk goes back, one by one. → false and an error if that cannot be told
  local function let_go()
    local it = anchor
    anchor = nil
    reader:drop()
    alone = reader.most
    if not it or not it.needed then return true end
    local page, err = reader:read(it.place, 1)
    if not page then return false, err end
    local token = page.data[1]
    if token and token.token == it.token then return true end
    local last = math.ceil(page.pagination.items_total / page_size)
    alone = alone + it.number - number
    number = math.min(it.number - 1, last)
    return true
  end

  -- Whether a page is what it would be, had it been read alone.
  local function fits(page)
    return page.pagination.items_total == anchor.total
      and changes.delete_token == anchor.deleted
  end

  local function read_next()
    local page, err = reader:get(number)
    if not page or not anchor then return page, err end
    if fits(page) then
      anchor.needed = true
      return page
    end
    local ok, why = let_go()
    if not ok then return false, why end
    if number == 0 then return nil end
    return reader:read(number)
  end

  -- Fetches ahead of the page before `number`, which is `page`. One page that
  -- is begun now is read after it for certain; more need an anchor.
  local function look_ahead(page)
    if not anchor and alone == 0 and reader.most > 1 then
      anchor = anchor_of(page, number + 1, page_size, changes.delete_token)
    end
    if anchor then
      reader:fetch(number, 1)
    else
      reader:fetch(number, 1, math.min(1, reader.most))
    end
    alone = math.max(0, alone - 1)
  end

  return function()
    if number == 0 then
      local ok, err = let_go()
      if not ok then return false, err end
      if number == 0 then return nil end
    end
    local page, err
    if number then page, err = read_next() else page, err = read_last() end
    if not page then
      reader:drop()
      return page, err
    end
    number = number - 1
    if number > 0 then look_ahead(page) end
    return reverse(page.data)
  end
end

-- --- in another order -------------------------------------------------------

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
---@param reader table
---@param page_size integer that it asks for
---@param changes table
---@return fun(fresh: integer): apivideo.Token[]|false|nil, apivideo.Error?
function walk.in_order(reader, page_size, changes)
  local covered = 0 -- places at the front of the list with nothing new
  local total -- as the last read gave it
  local held -- tokens read too far, and the places they had: first, last
  local created, deleted = changes.create_token, changes.delete_token
  local steps_back = 0
  local alone = 0 -- pages to be read before any are fetched ahead
  local changes_then -- when pages were fetched ahead
  local finished = false

  local function own_changes()
    return changes.create_token + changes.delete_token
  end

  -- Takes in what has changed since the read before.
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

  -- Reads a page. Nothing when it was fetched ahead and the list has changed
  -- since: that counts as read, but its tokens may have moved.
  local function read(number)
    if not reader:holds(number) then reader:drop() end
    local page, err, fetched = reader:get(number)
    if not page then return false, err end
    local moved = fetched and (page.pagination.items_total ~= total
      or own_changes() ~= changes_then)
    note(page)
    if not moved then return page end
    reader:drop()
    alone = reader.most
    return nil
  end

  local function look_ahead(number, last)
    if alone > 0 then
      alone = alone - 1
      return
    end
    if reader.count == 0 then changes_then = own_changes() end
    reader:fetch(number, last)
  end

  -- Goes on with the page with that number: its tokens when they follow those
  -- before, or nothing.
  local function take(page, number)
    local first = (number - 1) * page_size
    local pages_total = page.pagination.pages_total
    local is_last = number >= pages_total
    local tokens, last = join(
      page.data, is_last and math.max(total, first) or number * page_size)
    if first > covered and steps_back < PATIENCE then
      held = { tokens = tokens, first = first, last = last }
      steps_back = steps_back + 1
      return nil
    end
    held = nil
    covered = last
    finished = covered >= total
    local following = math.floor(covered / page_size) + 1
    if not finished and following <= pages_total then
      look_ahead(following, pages_total)
    end
    return tokens
  end

  return function(fresh)
    if fresh > 0 then steps_back = 0 end
    while not finished do
      local number = math.floor(covered / page_size) + 1
      local page, err = read(number)
      local tokens = page and take(page, number)
      if tokens then return tokens end
      if page == false then
        reader:drop()
        return false, err
      end
    end
    return nil
  end
end

return walk
