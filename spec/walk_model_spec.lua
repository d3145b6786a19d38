-- The walks over a list in memory, with what the network does to the order of
-- things: the service may read a page, and may carry out a change, at any
-- moment between the beginning of its call and its end.

local new_random = require "spec.support.random"
local prefetch = require "apivideo.tokens.prefetch"
local walk_newest = require "apivideo.tokens.walk_newest"
local walk_ordered = require "apivideo.tokens.walk_ordered"

local MOST_CHANGES = 60

-- A list, oldest first, and a caller that reads pages of it.
local function new_service(random)
  local service = {
    list = {}, -- ids
    changes = { create_token = 0, delete_token = 0 },
    begun = {}, -- reads of pages that the service has not done yet
    own = {}, -- changes that have begun and not ended
    budget = MOST_CHANGES,
    last_id = 0,
  }
  local list = service.list

  function service.create(place)
    service.last_id = service.last_id + 1
    local id = "t" .. service.last_id
    table.insert(list, place or #list + 1, id)
    return id
  end

  local function produce(call)
    local first = (call.number - 1) * call.size
    local data = {}
    for i = first + 1, math.min(first + call.size, #list) do
      data[#data + 1] = { token = list[i] }
    end
    call.page = { data = data, pagination = {
      current_page = call.number, page_size = call.size, items_total = #list,
      pages_total = math.ceil(#list / call.size),
    } }
  end

  local function begin_change()
    if service.budget == 0 then return end
    service.budget = service.budget - 1
    local operation = random(0, 1) == 0 and "create_token" or "delete_token"
    service.changes[operation] = service.changes[operation] + 1
    table.insert(service.own, { operation = operation })
  end

  local function apply(change)
    change.applied = true
    if change.operation == "create_token" then
      service.create(service.places and random(1, #list + 1))
    elseif #list > 0 then
      local place = random(1, #list)
      if not service.lasting[list[place]] then table.remove(list, place) end
    end
  end

  local function end_change(place)
    local change = table.remove(service.own, place)
    local operation = change.operation
    service.changes[operation] = service.changes[operation] + 1
  end

  -- Something happens, or a few things.
  function service.go_on()
    for _ = 1, random(0, 3) do
      local what = random(1, 4)
      if what == 1 and #service.begun > 0 then
        produce(table.remove(service.begun, random(1, #service.begun)))
      elseif what == 2 then
        begin_change()
      elseif #service.own > 0 then
        local place = random(1, #service.own)
        local change = service.own[place]
        if change.applied then end_change(place) else apply(change) end
      end
    end
  end

  local sched = { push = function() end }
  local caller = { scheduler = function() return sched end }

  function caller.begin(_, _, query)
    local call = { number = query.current_page, size = query.page_size }
    function call.cancel() call.page = false end
    table.insert(service.begun, call)
    service.go_on()
    return call
  end

  function caller.finish(_, call)
    service.go_on()
    if call.page == nil then
      for i, each in ipairs(service.begun) do
        if each == call then table.remove(service.begun, i) end
      end
      produce(call)
    end
    service.go_on()
    if random(1, 10) == 1 then return false, { kind = "server_error" } end
    return true, call.page, {}
  end

  service.caller = caller
  return service
end

-- Walks, and gives the tokens that were there all the time and never came.
local function lost_in_walk(seed, newest_first)
  local random = new_random(seed)
  local service = new_service(random)
  local size = random(1, 5)
  service.lasting = {}
  service.places = not newest_first and random(0, 1) == 0
  for _ = 1, random(0, 20) do
    local id = service.create()
    if random(0, 2) > 0 then service.lasting[id] = true end
  end
  local reader = prefetch.new(service.caller, { page_size = size }, nil,
    random(0, 3))
  local walk = newest_first and walk_newest(reader, service.changes)
    or walk_ordered(reader, size, service.changes)
  local came, fresh = {}, 0
  local function give(tokens)
    fresh = 0
    for _, token in ipairs(tokens) do
      if not came[token.token] then fresh = fresh + 1 end
      came[token.token] = true
    end
  end
  repeat
    local ok = walk(give, fresh)
    service.go_on()
  until ok == nil
  local lost = {}
  for id in pairs(service.lasting) do
    if not came[id] then lost[#lost + 1] = id end
  end
  return lost
end

describe("a walk, whenever pages are read and changes happen,", function()
  local runs = os.getenv "APIVIDEO_GC" == "1" and 100 or 5000

  for name, newest_first in pairs {
    ["the newest first"] = true, ["in another order"] = false,
  } do
    it("misses no token: " .. name, function()
      for seed = 1, runs do
        assert.same({}, lost_in_walk(seed, newest_first), "seed " .. seed)
      end
    end)
  end
end)
