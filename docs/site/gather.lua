-- usage: gather.lua FOLDER
--
-- Copies the pages of the project to a folder, for mkdocs: README, docs/,
-- the changelog and the examples, and whatever else a page links to. What is
-- no Markdown becomes a page with its text in it; a folder without a README
-- becomes a list of its files. Links are kept in step.

local folder = assert(arg[1], "usage: gather.lua FOLDER")

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function lines_of(command)
  local pipe = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

-- All files but what is made from them, which .gitignore names: not by git,
-- since an archive that was unpacked is none of its checkouts.
local FILES = [[
  find . \( -path ./.git -o -path ./build -o -name node_modules \) -prune \
    -o ! -type d ! -name '*.o' ! -name '*.so' -print]]

-- What belongs to the project, by path.
local ours, folders = {}, { [""] = true }
for _, line in ipairs(lines_of(FILES)) do
  local path = line:gsub("^%./", "")
  ours[path] = true
  for parent in path:gmatch "()/" do folders[path:sub(1, parent - 1)] = true end
end

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

local function write(path, text)
  local full = folder .. "/" .. path
  os.execute("mkdir -p " .. quote(full:match "^(.*)/"))
  local file = assert(io.open(full, "w"))
  file:write(text)
  file:close()
end

-- "docs/../examples/" is "examples".
local function normal(path)
  local count
  repeat
    path, count = path:gsub("[^/]+/%.%./", "", 1)
  until count == 0
  return (path:gsub("/$", ""))
end

-- The page that shows a file or folder: a path of the folder for mkdocs.
local function page_of(path)
  if folders[path] then return (path .. "/README.md"):gsub("^/", "") end
  if path:find "%.md$" then return path end
  return path .. ".md"
end

local LANGUAGES = { lua = "lua", c = "c", h = "c", conf = "nginx", css = "css",
  js = "js", html = "html", json = "json" }

-- A fence that is longer than any in the text.
local function fenced(text, language)
  local fence = "```"
  while text:find(fence, 1, true) do fence = fence .. "`" end
  return ("%s%s\n%s\n%s\n"):format(fence, language, text:gsub("\n$", ""), fence)
end

local function source_page(path)
  local language = LANGUAGES[path:match "%.(%w+)$"] or "text"
  return ("# %s\n\n%s"):format(path, fenced(read(path), language))
end

local function folder_page(path)
  local rows = {}
  for name in pairs(ours) do
    local inside = name:match("^" .. path:gsub("%p", "%%%0") .. "/(.+)$")
    if inside and not inside:find "package%-lock" then
      rows[#rows + 1] = ("- [%s](%s)"):format(inside, inside)
    end
  end
  table.sort(rows)
  return ("# %s\n\n%s\n"):format(path, table.concat(rows, "\n"))
end

local gather

-- A link as it must be in the folder; what it leads to is gathered, too.
local function adapted(from, target)
  local path, rest = target:match "^([^#]*)(.*)$"
  if path == "" or path:find "^%a+:" then return target end
  local there = normal((from:match "^(.*/)" or "") .. path)
  if not ours[there] and not folders[there] then return target end
  gather(there)
  if folders[there] then return path:gsub("/?$", "/README.md") .. rest end
  return (there:find "%.md$" and path or path .. ".md") .. rest
end

-- A picture, as it is; one that is not there is missed later.
local function copy(path)
  local file = io.open(path, "rb")
  if not file then return end
  write(path, file:read "*a")
  file:close()
end

-- Markdown of mkdocs: no word behind the language of a block, and no
-- backslash before a bar in code.
local function markdown(from, text)
  local fence = false
  local function line(it)
    if it:find "^```" then
      fence = not fence
      return (it:gsub("^(```%w+) .*", "%1"))
    end
    if fence then return it end
    it = it:gsub("`[^`]*`", function(code) return (code:gsub("\\|", "|")) end)
    return (it:gsub("(!?)(%[[^%]]*%]%()([^)%s]+)%)",
      function(picture, words, target)
        if picture == "" then
          target = adapted(from, target)
        else
          copy(normal((from:match "^(.*/)" or "") .. target))
        end
        return picture .. words .. target .. ")"
      end))
  end
  return (text:gsub("([^\n]*)", line))
end

local gathered = {}

function gather(path)
  local page = page_of(path)
  if gathered[page] then return end
  gathered[page] = true
  local text
  if ours[page] then
    text, path = read(page), page
  elseif folders[path] then
    text, path = folder_page(path), page
  else
    return write(page, source_page(path))
  end
  write(page, markdown(path, text))
end

gather "README.md"
gather "CHANGELOG.md"
for path in pairs(ours) do
  if path:find "^docs/[^/]+%.md$" then gather(path) end
end
