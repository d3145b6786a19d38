--- Texts as JSON must have them. A file's name may be any bytes.

local REPLACEMENT = "\239\191\189" -- U+FFFD

-- The forms of a character that is not ASCII, RFC 3629.
local FORMS = {
  "^[\194-\223][\128-\191]()",
  "^\224[\160-\191][\128-\191]()",
  "^[\225-\236\238\239][\128-\191][\128-\191]()",
  "^\237[\128-\159][\128-\191]()",
  "^\240[\144-\191][\128-\191][\128-\191]()",
  "^[\241-\243][\128-\191][\128-\191][\128-\191]()",
  "^\244[\128-\143][\128-\191][\128-\191]()",
}

-- The place behind the character at this one, or nil.
local function behind(bytes, place)
  for _, form in ipairs(FORMS) do
    local after = bytes:match(form, place)
    if after then return after end
  end
end

local function mend(bytes)
  local pieces, place = {}, 1
  while place <= #bytes do
    local after = behind(bytes, place)
    pieces[#pieces + 1] =
      after and bytes:sub(place, after - 1) or REPLACEMENT
    place = after or place + 1
  end
  return table.concat(pieces)
end

--- The text, with U+FFFD for each byte that is not UTF-8.
---@param text string
---@return string
return function(text)
  return (text:gsub("[\128-\255]+", mend))
end
