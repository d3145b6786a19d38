-- The query of a list and the pagination of its answer.
local pages = {}

local function one_of(first, second)
  return {
    read = function(text)
      return (text == first or text == second) and text or nil
    end,
    title = ("This parameter must be one of %s, %s."):format(first, second),
  }
end

local function integer(minimum, maximum)
  local title = "This parameter must be an integer from " .. minimum
  if maximum then title = title .. " to " .. maximum end
  return {
    read = function(text)
      local value = #text <= 15 and text:find("^%d+$") and tonumber(text)
      if not value or value < minimum then return nil end
      if maximum and value > maximum then return nil end
      return value
    end,
    title = title .. ".",
  }
end

-- In the order in which bad ones are reported.
local PARAMETERS = {
  { name = "sortBy", kind = one_of("createdAt", "ttl") },
  { name = "sortOrder", kind = one_of("asc", "desc") },
  { name = "currentPage", kind = integer(1), default = 1 },
  { name = "pageSize", kind = integer(1, 100), default = 25 },
}

-- -> the list's parameters by name, or nil and what is wrong with them.
function pages.query(request)
  local query, faults = {}, {}
  for _, parameter in ipairs(PARAMETERS) do
    local name, text = parameter.name, request:query(parameter.name)
    local value = parameter.default
    if text then value = parameter.kind.read(text) end
    if text and value == nil then
      faults[#faults + 1] = { name = name, title = parameter.kind.title }
    end
    query[name] = value
  end
  if #faults > 0 then return nil, faults end
  return query
end

local function link(rel, path, query, page)
  local uri = ("%s?currentPage=%d&pageSize=%d"):format(
    path, page, query.pageSize)
  if query.sortBy then uri = uri .. "&sortBy=" .. query.sortBy end
  if query.sortOrder then uri = uri .. "&sortOrder=" .. query.sortOrder end
  return { rel = rel, uri = uri }
end

-- `total` items exist, `shown` of them are on this page.
function pages.pagination(path, query, total, shown)
  local current = query.currentPage
  local last = math.max(1, math.ceil(total / query.pageSize))
  local links = { link("self", path, query, current) }
  local function add(rel, page)
    links[#links + 1] = link(rel, path, query, page)
  end
  add("first", 1)
  if current > 1 then add("previous", math.min(current - 1, last)) end
  if current < last then add("next", current + 1) end
  add("last", last)
  return {
    currentPage = current, currentPageItems = shown,
    pageSize = query.pageSize, pagesTotal = last, itemsTotal = total,
    links = links,
  }
end

return pages
