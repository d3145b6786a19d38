function love.conf(settings)
  for name in pairs(settings.modules) do settings.modules[name] = false end
  for _, name in ipairs { "data", "event", "filesystem", "image" } do
    settings.modules[name] = true
  end
end
