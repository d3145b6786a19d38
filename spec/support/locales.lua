-- The locales of this machine that write numbers, or change letters, in a way
-- of their own.

local locales = {}
for _, name in ipairs { "de_DE.UTF-8", "tr_TR.UTF-8", "fr_FR.UTF-8", "ru_RU.UTF-8" } do
  if os.setlocale(name) then locales[#locales + 1] = name end
end
os.setlocale "C"

return locales
