--- What is on the screen, tokens and an upload, and the tasks that change it.

local apivideo = require "apivideo"

local client = apivideo.new { driver = "step" }
local upload_tokens = client.upload_tokens
local videos = client.videos

local MOST = 60 -- on the screen

local board = {
  tokens = {}, -- the newest first
  total = 0, -- that the service has, as far as we know
  busy = 0, -- tasks that run
  problem = nil, -- what went wrong last, in one line
  upload = nil, -- the last: its name, frames, progress; in the end, video
}

-- Runs a function as a task: it may wait for answers, the frames go on.
local function run(task)
  board.busy = board.busy + 1
  client:spawn(function()
    local ok, err = pcall(task)
    board.busy = board.busy - 1
    board.problem = not ok and tostring(err) or nil
  end)
end

local function add(token)
  table.insert(board.tokens, 1, token)
  board.tokens[MOST + 1] = nil
  board.total = board.total + 1
end

local function remove(token)
  for i, each in ipairs(board.tokens) do
    if each == token then
      table.remove(board.tokens, i)
      board.total = board.total - 1
      return
    end
  end
end

local LIFETIMES = { 900, 3600, 6 * 3600, 86400 }

function board.create()
  run(function()
    local ttl = LIFETIMES[love.math.random(#LIFETIMES)]
    add(upload_tokens:create_token { ttl = ttl })
  end)
end

-- They appear page by page, as they come.
function board.reload()
  board.tokens = {}
  local tokens = board.tokens
  run(function()
    for page in upload_tokens:pages {
      sort_by = "created_at", sort_order = "desc", page_size = 10,
    } do
      if tokens ~= board.tokens then return end -- somebody reloaded again
      board.total = page.pagination.items_total
      for _, token in ipairs(page.data) do
        if #tokens == MOST then return end
        tokens[#tokens + 1] = token
      end
    end
  end)
end

function board.delete_newest()
  for _, token in ipairs(board.tokens) do
    if not token.leaving then
      token.leaving = true
      return run(function()
        local ok, err = pcall(
          upload_tokens.delete_token, upload_tokens, token.token)
        token.leaving = nil
        if not ok then error(err, 0) end
        remove(token)
      end)
    end
  end
end

local function send(upload)
  local token = upload_tokens:create_token { ttl = LIFETIMES[1] }
  add(token)
  upload.video = videos:upload_with_upload_token(token.token, upload.path, {
    on_progress = function(progress) upload.progress = progress end,
  })
end

--- One at a time. A frame sends what there is room for, and the next goes on.
function board.send(path)
  local last = board.upload
  if last and not last.video then return end
  local upload = { path = path, name = path:match "[^/\\]*$", frames = 0 }
  board.upload = upload
  run(function()
    local ok, err = pcall(send, upload)
    if ok then return end
    board.upload = nil
    error(err, 0)
  end)
end

--- Once a frame: moves the tasks on, and never waits.
function board.step()
  client:step(0)
  local upload = board.upload
  if upload and not upload.video then upload.frames = upload.frames + 1 end
end

function board.close()
  client:close()
end

return board
