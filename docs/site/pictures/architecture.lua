-- usage: architecture.lua >FILE.svg
--
-- Draws the layers from what there is: the drivers and folders of
-- lua/apivideo, and the floors of the core as docs/design.md lists them, which
-- `./run lint` compares with the code.

local Svg = dofile((arg[0]:match "^(.*/)" or "") .. "svg.lua")

-- --- what there is ----------------------------------------------------------

local function names_of(command)
  local pipe = assert(io.popen(command))
  local names = {}
  for line in pipe:lines() do
    names[#names + 1] = line:gsub("/$", ""):match "([^/]+)$"
  end
  pipe:close()
  return names
end

local function folders()
  local names = {}
  for _, name in ipairs(names_of "ls -d lua/apivideo/*/") do
    if name ~= "meta" then names[#names + 1] = name end -- nothing there runs
  end
  return names
end

-- From the highest to the lowest, each with its title and modules.
local function floors()
  local list = {}
  for line in io.lines "docs/design.md" do
    local title, modules = line:match "^| (%d [^|]-) | ([%l, _]+) |"
    if title then list[#list + 1] = { title = title, modules = modules } end
  end
  assert(#list > 3, "docs/design.md has no floors")
  return list
end

-- Who calls, and what is written below: the driver, unless it says otherwise.
local HOSTS = {
  { "a script", driver = "block" },
  { "a shell", driver = "block", words = "apivideo …" },
  { "nginx", driver = "ngx" },
  { "a game", driver = "step" },
  { "luv", driver = "luv" },
}

-- Each driver has a host here.
local function check_hosts()
  local known = { auto = true }
  for _, host in ipairs(HOSTS) do known[host.driver] = true end
  for _, name in ipairs(names_of "ls lua/apivideo/driver/*.lua") do
    local driver = name:match "^[^_.]+"
    assert(known[driver], "no host has the driver " .. driver)
  end
end

-- --- drawing ----------------------------------------------------------------

local WIDTH, MARGIN, PAD, GAP, WAY = 860, 20, 14, 10, 24
local HOST_HEIGHT, LAYER_HEIGHT, CHIP_HEIGHT, FLOOR_STEP = 58, 58, 24, 30
local INSIDE = 116 -- from a layer's edge to what it does
local FULL = WIDTH - 2 * MARGIN
local C_WIDTH = 130 -- programs in C have a column of their own
local LUA_WIDTH = FULL - C_WIDTH - 16
local LUA_MIDDLE, C_MIDDLE = MARGIN + LUA_WIDTH // 2, WIDTH - MARGIN
  - C_WIDTH // 2

local svg = Svg.new("The layers of apivideo", "architecture.css")

local function host(middle, width, y, name, words)
  svg:box("box", middle - width // 2, y, width, HOST_HEIGHT)
  svg:centred("name", middle, y + 24, name)
  svg:centred("faint", middle, y + 44, words)
end

local function hosts(y)
  local width = (LUA_WIDTH - GAP * (#HOSTS - 1)) // #HOSTS
  for i, it in ipairs(HOSTS) do
    local middle = MARGIN + (i - 1) * (width + GAP) + width // 2
    host(middle, width, y, it[1], it.words or "driver " .. it.driver)
    svg:arrow(middle, y + HOST_HEIGHT, y + HOST_HEIGHT + WAY)
  end
  host(C_MIDDLE, C_WIDTH, y, "C, C++", "apv.h")
end

local function layer(class, y, width, height, words)
  svg:box(class, MARGIN, y, width, height)
  svg:text("name", MARGIN + PAD, y + 25, words[1])
  svg:text(nil, MARGIN + PAD + INSIDE, y + 25, words[2])
  svg:text("faint", MARGIN + PAD + INSIDE, y + 44, words[3])
end

local function chips(y)
  local x = MARGIN + PAD + INSIDE
  for _, name in ipairs(folders()) do
    local width = #name * 8 + 16
    svg:box("chip", x, y, width, CHIP_HEIGHT)
    svg:centred("code", x + width // 2, y + 16, name)
    x = x + width + 8
  end
end

local function draw_floors(y, list)
  for i, floor in ipairs(list) do
    local top = y + (i - 1) * FLOOR_STEP
    svg:box("floor", MARGIN + PAD, top, FULL - 2 * PAD, FLOOR_STEP - 5)
    svg:text("faint", MARGIN + PAD + 10, top + 17, floor.title)
    svg:text("code", MARGIN + PAD + INSIDE, top + 17,
      (floor.modules:gsub(",", "")))
  end
end

check_hosts()
local y = MARGIN
hosts(y)
local below_hosts = y + HOST_HEIGHT
y = below_hosts + WAY

local height = LAYER_HEIGHT + CHIP_HEIGHT + 12
layer("lua", y, LUA_WIDTH, height, {
  "lua/apivideo", "many calls: walks, tasks, uploads, bearer sessions",
  "knows Lua only; the only layer that yields",
})
chips(y + LAYER_HEIGHT)
svg:arrow(LUA_MIDDLE, y + height, y + height + WAY)
y = y + height + WAY

layer("binding", y, LUA_WIDTH, LAYER_HEIGHT, {
  "src/binding", "one call: arguments to request, answer to table, failure"
    .. " to error", "the only files that include lua.h",
})
svg:arrow(LUA_MIDDLE, y + LAYER_HEIGHT, y + LAYER_HEIGHT + WAY)
y = y + LAYER_HEIGHT + WAY
svg:arrow(C_MIDDLE, below_hosts, y)

local list = floors()
height = LAYER_HEIGHT + #list * FLOOR_STEP + 8
layer("core", y, FULL, height, {
  "src/core", "bytes and time: the engine, deadlines, retries, limits, parts"
    .. " of files", "knows no Lua and no JSON; a floor calls only what is"
    .. " below it, or on it further left",
})
draw_floors(y + LAYER_HEIGHT, list)
svg:arrow(WIDTH // 2, y + height, y + height + WAY)
y = y + height + WAY

svg:box("box", MARGIN, y, FULL, 36)
svg:centred("name", WIDTH // 2, y + 23, "libcurl")
svg:write(WIDTH, y + 36 + MARGIN)
