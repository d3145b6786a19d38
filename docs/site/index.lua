-- usage: index.lua FOLDER
--
-- Makes the index of the search from the pages of a site: section by section,
-- its address, title, page and text. It is a script that sets `searchIndex`,
-- because a page may load a script without a server, too.

local folder = assert(arg[1], "usage: index.lua FOLDER")

local ENTITIES = { amp = "&", lt = "<", gt = ">", quot = '"' }

local function text_of(html)
  return (html:gsub('<a class="headerlink".-</a>', "")
    :gsub("</t[dh]>", " "):gsub("</?[ph][1-6r]?>", " "):gsub("<[^>]*>", "")
    :gsub("&#(%d+);", function(code) return utf8.char(tonumber(code)) end)
    :gsub("&(%a+);", ENTITIES)
    :gsub("%s+", " "):gsub("^ ", ""):gsub(" $", ""))
end

local function quoted(text)
  return '"' .. text:gsub('[%c"\\]', function(char)
    return ("\\u%04x"):format(char:byte())
  end) .. '"'
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local sections = {}

local function add(url, title, page, html)
  sections[#sections + 1] = ("{url:%s,title:%s,page:%s,text:%s}"):format(
    quoted(url), quoted(title), quoted(page), quoted(text_of(html)))
end

-- What stands under each heading up to the next one.
local function add_page(url, html)
  local body = html:match '<main[^>]*>(.*)</main>':gsub("<footer>.*", "")
  local page
  local heading = "<h([1-4]) id=\"([^\"]*)\">(.-)</h%1>()"
  local from, _, level, id, title, behind = body:find(heading)
  while from do
    local following = body:find(heading, behind)
    local anchor = level == "1" and "" or "#" .. id
    page = page or text_of(title)
    add(url .. anchor, text_of(title), page,
      body:sub(behind, (following or 0) - 1))
    from, _, level, id, title, behind = body:find(heading, behind)
  end
end

local pipe = assert(io.popen(
  ("cd '%s' && find . -name '*.html' | sort"):format(folder)))
for path in pipe:lines() do
  add_page(path:gsub("^%./", ""), read(folder .. "/" .. path))
end
pipe:close()

local file = assert(io.open(folder .. "/search_index.js", "w"))
file:write("var searchIndex = [\n", table.concat(sections, ",\n"), "\n];\n")
file:close()
