-- usage: finish.lua FOLDER
--
-- What is left to do for the site in a folder once mkdocs has made it: tables
-- get a frame that scrolls. Then every link, and every file that a page needs,
-- must be there, and none elsewhere.

local folder = assert(arg[1], "usage: finish.lua FOLDER")

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local file = assert(io.open(path, "w"))
  file:write(text)
  file:close()
end

local pages = {}
local pipe = assert(io.popen(("find '%s' -name '*.html'"):format(folder)))
for path in pipe:lines() do
  pages[path] = read(path)
    :gsub("<table>", '<div class="scroll" tabindex="0"><table>')
    :gsub("</table>", "</table></div>")
  write(path, pages[path])
end
pipe:close()

-- --- is it whole? ------------------------------------------------------------

local problems = {}

local function complain(page, words, target)
  problems[#problems + 1] = ("%s: %s: %s"):format(page, words, target)
end

local function normal(path)
  local count
  repeat
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return (path:gsub("/%./", "/"))
end

local function is_there(path)
  local file = io.open(path)
  if file then file:close() end
  return file ~= nil
end

local function check_link(page, target)
  local path, anchor = target:match "^([^#]*)#?(.*)$"
  local there = page
  if path ~= "" then there = normal(page:match "^.*/" .. path) end
  if not is_there(there) then return complain(page, "leads nowhere", target) end
  local html = pages[there]
  if html and anchor ~= "" and not html:find(' id="' .. anchor .. '"', 1, true)
  then
    complain(page, "has no such anchor", target)
  end
end

for page, html in pairs(pages) do
  for tag in html:gmatch "<%a[^>]*>" do
    local link = tag:match ' href="([^"]*)"'
    local source = tag:match ' src="([^"]*)"'
    local target = (link or source or "#"):gsub("&amp;", "&")
    if target:find "^%a+:" or target:find "^//" then
      if not tag:find "^<a " then complain(page, "asks others", target) end
    elseif target ~= "#" then
      check_link(page, target)
    end
  end
end

table.sort(problems)
for _, problem in ipairs(problems) do io.stderr:write(problem, "\n") end
os.exit(#problems == 0)
