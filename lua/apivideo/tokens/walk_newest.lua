--- A walk that gives the newest tokens first, each once, although the list
-- changes between two reads.
--
-- A walk is a function that reads the next batch of tokens and gives it away by
-- `give`, before it goes on: whatever ends it in between, no token is lost. It
-- returns true, nil at the end, or false and an error; the next call does again
-- what failed. It reads pages through a page reader, see `prefetch`, and counts
-- with the page size that the answers name. `changes` counts how often the
-- client itself has begun or ended a creation or a deletion: twice for each
-- one, and too many do no harm.

-- Turns a list around, and gives it.
local function reverse(tokens)
  local count = #tokens
  for i = 1, math.floor(count / 2) do
    local j = count + 1 - i
    tokens[i], tokens[j] = tokens[j], tokens[i]
  end
  return tokens
end

-- Pages that are read at the same time may be read in any order. So from the
-- last page that was read alone an anchor is kept, a token and its place by
-- age, which changes only when an older token goes away. If it is there still
-- when all have been read, none has slipped from page to page meanwhile.
local function anchor_of(page, number, deleted)
  local token = page.data[1]
  if not token then return nil end
  return {
    token = token.token,
    place = (number - 1) * page.pagination.page_size + 1,
    number = number,
    total = page.pagination.items_total,
    deleted = deleted, -- as `changes` has it
    -- Set once a page that was fetched beside others was handed out.
    needed = false,
  }
end

-- Size changes in the midst of a walk after which a page is taken as it is.
local PATIENCE = 100

local function last_page(pagination)
  if pagination.items_total == 0 then return pagination.pages_total end
  return math.max(pagination.pages_total,
    math.ceil(pagination.items_total / pagination.page_size))
end

--- Newest first. The reader gives pages by age, oldest first, and they are read
-- from the last to the first: what is created meanwhile comes after the walk's
-- start, and what is deleted moves other tokens only toward pages that are
-- still to be read. So no token is missed, whatever happens.
---@param reader apivideo.PageReader
---@param changes table
---@return fun(give: fun(tokens: apivideo.Token[])): boolean?, apivideo.Error?
return function(reader, changes)
  local number -- of the page to be read next; nil before the first read
  local size -- of pages, as the answers say
  local anchor -- while pages are read at the same time
  local alone = 0 -- pages to be read one by one before that
  local size_changes = 0

  local function read_checked(which)
    local page, err = reader:get(which)
    if not page then return false, err end
    return reader:checked(page, which)
  end

  -- The first read tells only how many pages there are.
  local function read_last()
    local page, err = read_checked(1)
    if not page then return false, err end
    size = page.pagination.page_size
    number = last_page(page.pagination)
    if number <= 1 then
      number = 1
      return page
    end
    return read_checked(number)
  end

  -- Ends reading at the same time. When a token may have slipped through, the
  -- walk goes back, one by one. → false and an error if that cannot be told
  local function let_go()
    local it = anchor
    reader:drop()
    alone = reader.most
    if it and it.needed then
      local page, err = reader:read(it.place, 1)
      if not page then return false, err end
      local token = page.data[1]
      if not token or token.token ~= it.token then
        local last = math.ceil(page.pagination.items_total / size)
        alone = alone + it.number - number
        number = math.min(it.number - 1, last)
      end
    end
    anchor = nil
    return true
  end

  -- Whether a page is what it would be, had it been read alone.
  local function fits(page)
    return page.pagination.items_total == anchor.total
      and changes.delete_token == anchor.deleted
  end

  local function read_next()
    local page, err = read_checked(number)
    if not page or not anchor then return page, err end
    if fits(page) then
      anchor.needed = true
      return page
    end
    local ok, why = let_go()
    if not ok then return false, why end
    if number == 0 then return nil end
    return read_checked(number)
  end

  -- Pages have another size from now on: the walk goes on with the one that has
  -- the places before those that were given.
  local function change_size(to)
    if anchor and anchor.needed then number = anchor.number - 1 end
    anchor = nil
    reader:drop()
    number = math.ceil(number * size / to)
    size, size_changes = to, size_changes + 1
  end

  -- Fetches ahead of the page before `number`, which is `page`. One page that
  -- is begun now is read after it for certain; more need an anchor.
  local function look_ahead(page)
    if not anchor and alone == 0 and reader.most > 1 then
      anchor = anchor_of(page, number + 1, changes.delete_token)
    end
    if anchor then
      reader:fetch(number, 1)
    else
      reader:fetch(number, 1, math.min(1, reader.most))
    end
    alone = math.max(0, alone - 1)
  end

  return function(give)
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
    local its_size = page.pagination.page_size
    if its_size ~= size and size_changes < PATIENCE then
      change_size(its_size)
      return true
    end
    give(reverse(page.data))
    number = number - 1
    if number > 0 then look_ahead(page) end
    return true
  end
end
