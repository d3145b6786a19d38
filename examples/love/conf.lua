function love.conf(settings)
  settings.identity = "apivideo-love"
  settings.version = "11.4"
  settings.window.title = "apivideo: upload tokens"
  settings.window.width = 720
  settings.window.height = 450
  settings.window.vsync = 0 -- frames.lua keeps the pace
  for _, name in ipairs { "audio", "joystick", "physics", "sound", "video" } do
    settings.modules[name] = false
  end
end
