--- A walk in any other order than the newest first, see `walk_newest`; it is
-- also told how many tokens of the batch before were new.

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
---@param reader apivideo.PageReader
---@param size integer of pages, until an answer says another one
---@param changes table
---@return fun(give: fun(tokens: apivideo.Token[]), fresh: integer): boolean?,
-- apivideo.Error?
return function(reader, size, changes)
  -- Length of the prefix of the list that has been given completely.
  local covered = 0
  local total -- as the last read gave it
  -- A page that was read beyond a gap, kept until the gap is closed: its tokens
  -- had the places from first + 1 to last.
  local held
  -- The changes when the last page that was taken in began to be read: what
  -- came later may have come after the service had read it.
  local created, deleted = changes.create_token, changes.delete_token
  -- The same of what is being read, or was fetched ahead.
  local created_then, deleted_then = created, deleted
  local steps_back = 0
  local alone = 0 -- pages to be read before any are fetched ahead
  local finished = false

  local function begin_to_read()
    created_then, deleted_then = changes.create_token, changes.delete_token
  end

  local function has_changed()
    return changes.create_token ~= created_then
      or changes.delete_token ~= deleted_then
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
    total, created, deleted = now_total, created_then, deleted_then
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
    if not reader:holds(number) then
      reader:drop()
      begin_to_read()
    end
    local page, err, fetched = reader:get(number)
    if not page then return false, err end
    page, err = reader:checked(page, number)
    if not page then return false, err end
    size = page.pagination.page_size
    local moved = fetched
      and (page.pagination.items_total ~= total or has_changed())
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
    if reader.count == 0 then begin_to_read() end
    reader:fetch(number, last)
  end

  -- Goes on with the page with that number: gives its tokens when they follow
  -- those before. → whether they did
  local function take(page, number, give)
    local first = (number - 1) * size
    local pages_total = math.max(page.pagination.pages_total,
      math.ceil(total / size))
    local is_last = number >= pages_total
    local tokens, last = join(
      page.data, is_last and math.max(total, first) or number * size)
    if first > covered and steps_back < PATIENCE then
      held = { tokens = tokens, first = first, last = last }
      steps_back = steps_back + 1
      return false
    end
    give(tokens)
    held = nil
    covered = math.max(covered, last)
    finished = covered >= total
    local following = math.floor(covered / size) + 1
    if not finished and following <= pages_total then
      look_ahead(following, pages_total)
    end
    return true
  end

  return function(give, fresh)
    if fresh > 0 then steps_back = 0 end
    while not finished do
      local number = math.floor(covered / size) + 1
      local page, err = read(number)
      if page and take(page, number, give) then return true end
      if page == false then
        reader:drop()
        return false, err
      end
    end
    return nil
  end
end
