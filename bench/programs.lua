-- The commands that are measured: words, and in `calls` how many calls they
-- make.

local server = require "bench.server"
local timing = require "bench.timing"

local programs = {}

local function url_of(bench)
  return bench.service.url .. "/upload-tokens/" .. server.TOKEN
end

-- A program that walks over a list of so many tokens, so many times.
local function walker(name)
  return function(bench, size, walks)
    return {
      "lua5.4", "bench/programs/" .. name .. ".lua",
      bench.service:list_url(size), size, walks, calls = walks,
    }
  end
end

-- --- ours --------------------------------------------------------------------

function programs.get(bench, calls)
  return {
    "lua5.4", "bench/programs/get.lua", bench.service.url, calls,
    calls = calls,
  }
end

local function many(name)
  return function(bench, calls, at_once)
    return {
      "lua5.4", "bench/programs/" .. name .. ".lua", bench.service.url, calls,
      at_once, calls = calls,
    }
  end
end

programs.parallel = many "parallel"
programs.tasks = many "tasks"

programs.walk = walker "walk"

function programs.memory(bench, at_once, clients)
  return {
    "lua5.4", "bench/programs/memory.lua", bench.service.url .. "/late",
    at_once, clients,
  }
end

function programs.upload(bench, path, part_size, how)
  return {
    "lua5.4", "bench/programs/upload.lua", bench.service.url, path,
    ("%d"):format(part_size), how, calls = 1,
  }
end

-- --- theirs ------------------------------------------------------------------

function programs.easy(bench, calls)
  return { timing.program "easy", url_of(bench), calls, calls = calls }
end

function programs.multi(bench, calls, at_once)
  return {
    timing.program "multi", url_of(bench), calls, at_once, calls = calls,
  }
end

function programs.bare(bench, calls)
  return {
    "lua5.4", "bench/programs/bare.lua", url_of(bench), calls, calls = calls,
  }
end

function programs.bare_many(bench, calls, at_once)
  return {
    "lua5.4", "bench/programs/bare_many.lua", url_of(bench), calls, at_once,
    calls = calls,
  }
end

programs.fetched = walker "fetched"
programs.once = walker "once"
programs.converted = walker "converted"

function programs.socket(bench, calls)
  return {
    "lua5.4", "bench/programs/socket.lua", url_of(bench), calls, calls = calls,
  }
end

function programs.node(bench, calls, at_once)
  return {
    "node", "bench/programs/node.mjs", bench.service.url, calls, at_once,
    calls = calls,
  }
end

function programs.curl(bench, calls, at_once)
  return {
    "bench/programs/curl.sh", url_of(bench), calls, at_once, calls = calls,
  }
end

--- One command, without a shell before it.
function programs.curl_command(bench)
  local command = { "curl", "-s", "-f", "-o", "/dev/null" }
  for line in os.getenv "BENCH_HEADERS":gmatch "[^\n]+" do
    table.move({ "-H", line }, 1, 2, #command + 1, command)
  end
  command[#command + 1] = url_of(bench)
  return command
end

function programs.upload_curl(bench, parts)
  local command = {
    "bench/programs/upload.sh", bench.service.url, calls = 1,
  }
  return table.move(parts, 1, #parts, #command + 1, command)
end

return programs
