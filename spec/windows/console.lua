-- The command line in a console of Windows. These specs run in the POSIX
-- system's Lua. Wine's console, in a terminal, takes codes for colours and shows
-- them as they are.

local cli = require "spec.support.cli"
local screen = require "spec.support.screen"
local service = require "spec.support.service"
local shell = require "spec.support.shell"
local uploads = require "spec.support.uploads"

function service.interpreter()
  return shell.root .. "/spec/windows/lua"
end

local UPLOAD = { method = "POST", path = "/upload" }

describe("the command line in a console of Windows", function()
  local seen

  -- Nothing says there what the console is.
  local function open(words)
    seen = screen.open("unset TERM; " .. words)
  end

  before_each(service.reset)
  after_each(function() seen:close() end)

  it("shows how far an upload is, by the name of the file", function()
    local path = cli.file("film.mp4", uploads.data(3 * uploads.PART))
    service.faults {
      { match = UPLOAD, delay = 0.001 }, { match = UPLOAD, delay = 1 },
    }
    open(("apivideo upload --chunk-size 5M 'Z:%s'"):format(
      path:gsub("/", "\\")))
    seen:wait "^film%.mp4  .* %d+%%"
    seen:wait "status=0"
  end)

  it("has colours, unless TERM is dumb", function()
    open "apivideo doctor; export TERM=dumb; echo dumb; apivideo doctor"
    local text = seen:wait "status=0"
    assert.matches("%[32mok.*dumb\nok", text)
  end)

  it("asks, and takes an answer", function()
    service.make_tokens(3)
    open "apivideo token purge"
    seen:wait "Delete all 3 tokens%? %[y/N%]"
    seen:press "y Enter"
    seen:wait "status=0"
    assert.equal(0, #service.client().upload_tokens:list().data)
  end)
end)
