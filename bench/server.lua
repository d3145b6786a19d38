-- The nginx that everybody is measured against: it gives fixed answers.

local lists = require "bench.lists"
local nginx = require "spec.support.nginx"
local place = require "spec.support.place"

local server = {}
local Server = {}
Server.__index = Server

server.TOKEN = "to1tcmSFHeYY5KzyhOqVKMKb"

local ANSWER = '{"token":"' .. server.TOKEN .. '","ttl":3600,'
  .. '"createdAt":"2020-12-02T10:13:19+00:00",'
  .. '"expiresAt":"2020-12-02T11:13:19+00:00"}'

local function read(path)
  local file = assert(io.open(path))
  local text = file:read "*a"
  file:close()
  return text
end

--- Starts one that has lists of so many tokens, too.
function server.start(sizes)
  local here = place.new()
  local port = place.free_port()
  here:run "mkdir bodies late"
  here:write("late/token.json", ANSWER)
  for _, size in ipairs(sizes) do lists.write(here, size) end
  local values = { USER = nginx.user(), PORT = port, ANSWER = ANSWER }
  local text = read "bench/nginx.conf":gsub("@(%u+)@", values)
  here:write("nginx.conf", text)
  local stop = here:serve(port, "output.log", nginx.program(),
    "-p", here.path .. "/", "-c", "nginx.conf", "-e", "stderr")
  return setmetatable({
    place = here, stop = stop, url = "http://127.0.0.1:" .. port,
  }, Server)
end

--- The base URL under which a list of so many tokens is.
function Server:list_url(size)
  return ("%s/lists/%d"):format(self.url, size)
end

--- Writes a file of random bytes, and the same in parts. Gives `path`, the list
-- `parts`, and `remove`.
function Server:write_film(size, part_size)
  local here = self.place
  here:run(("head -c %.0f /dev/urandom >film"):format(size))
  here:run(("split -b %.0f -d film part."):format(part_size))
  local film = { path = here.path .. "/film", parts = {} }
  for i = 1, size // part_size do
    film.parts[i] = ("%s/part.%02d"):format(here.path, i - 1)
  end
  function film.remove() here:run "rm -f film part.*" end
  return film
end

--- What was asked under /seen since the last time, one line for each request,
--- at least one: nginx writes the line after it has sent the answer.
function Server:seen()
  local text = place.wait(function()
    return self.place:read "requests.log":match "^.*\n"
  end)
  self.place:write("requests.log", "")
  return assert(text, "nginx has not said what it was asked")
end

function Server:close()
  self.stop()
  self.place:close()
end

Server.__close = Server.close

return server
