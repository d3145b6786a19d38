--- A walk that gives the newest tokens first, each once, although the list
-- changes between two reads.
--
-- A walk is a function that returns the next batch of tokens, nil at the end,
-- or false and an error. It reads pages through a page reader, see `prefetch`.
-- `changes` counts how often the client itself has begun or ended a creation
-- or a deletion: twice for each one, and too many do no harm.

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
return function(reader, page_size, changes)
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
