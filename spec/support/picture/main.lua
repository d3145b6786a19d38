--- Prints width, height and number of colours of a picture:
--   love spec/support/picture FILE

function love.load(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local bytes = file:read "*a"
  file:close()
  local picture = love.image.newImageData(
    love.filesystem.newFileData(bytes, "picture.png"))
  local colours, count = {}, 0
  for y = 0, picture:getHeight() - 1 do
    for x = 0, picture:getWidth() - 1 do
      local red, green, blue = picture:getPixel(x, y)
      local colour = ("%.3f %.3f %.3f"):format(red, green, blue)
      if not colours[colour] then count = count + 1 end
      colours[colour] = true
    end
  end
  print(picture:getWidth(), picture:getHeight(), count)
  love.event.quit()
end
