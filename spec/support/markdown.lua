-- Pages in Markdown, as far as the specs look into them.

local files = require "spec.support.files"

local markdown = {}

function markdown.read(path)
  return assert(files.read(path))
end

-- The code blocks of a page, in their order: `info` is what stands behind the
-- fence, `text` what is in the block.
function markdown.blocks(text)
  local result = {}
  for info, block in ("\n" .. text):gmatch "\n```([^\n]*)\n(.-)\n```" do
    result[#result + 1] = { info = info, text = block }
  end
  return result
end

-- The contents of the blocks with just this behind their fence.
function markdown.blocks_of(text, info)
  local result = {}
  for _, block in ipairs(markdown.blocks(text)) do
    if block.info == info then result[#result + 1] = block.text end
  end
  return result
end

-- A page without its code blocks.
function markdown.prose(text)
  return (("\n" .. text):gsub("\n```[^\n]*\n.-\n```", "\n"))
end

-- A page from one heading, which it must have, to the next of its level or
-- above.
function markdown.section(text, heading)
  local level, from, to
  local fenced = false
  local place = 1
  for line in (text .. "\n"):gmatch "(.-)\n" do
    if line:find "^```" then fenced = not fenced end
    local marks, words = line:match "^(#+) (.+)$"
    if not fenced and marks then
      if from and not to and #marks <= level then to = place - 1 end
      if words == heading then level, from = #marks, place end
    end
    place = place + #line + 1
  end
  assert(from, "there is no heading " .. heading)
  return text:sub(from, to)
end

-- All that stands between backticks in the prose.
function markdown.code(text)
  local result = {}
  for span in markdown.prose(text):gmatch "`([^`\n]+)`" do
    result[#result + 1] = span
  end
  return result
end

-- Where the links of the prose lead.
function markdown.links(text)
  local result = {}
  local prose = markdown.prose(text):gsub("`[^`\n]*`", "")
  for target in prose:gmatch "%[[^%]\n]*%]%(([^)%s]+)%)" do
    result[#result + 1] = target
  end
  return result
end

-- The anchors of a page, as GitHub makes them from its headings; "…" and the
-- like go, letters with accents are not expected.
function markdown.anchors(text)
  local result, seen = {}, {}
  for heading in markdown.prose(text):gmatch "\n#+ ([^\n]+)" do
    local anchor = heading:lower():gsub("[^%w_ -]", ""):gsub(" ", "-")
    local count = seen[anchor]
    seen[anchor] = (count or 0) + 1
    result[count and anchor .. "-" .. count or anchor] = true
  end
  return result
end

return markdown
