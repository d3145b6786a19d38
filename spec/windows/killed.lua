-- The command line on Windows in an upload that is killed, by the POSIX system,
-- and goes on.

local cli = require "spec.support.cli"
local service = require "spec.support.service"
local uploads = require "spec.support.uploads"

local SIZE = 4 * uploads.PART + 1

-- Kills it when the first part has been kept.
local SCRIPT = [[
cd "$(dirname '%s')"
%s & process=$!
tries=0
until [ -s '%s.upload' ] || [ $((tries += 1)) -gt 500 ]; do sleep 0.02; done
kill -9 $process
wait $process 2>/dev/null
ls]]

describe("an upload on Windows that is killed", function()
  before_each(service.reset)

  for _, again in ipairs { 1, 2 } do
    it("goes on, " .. again .. " times killed, to one video", function()
      local data = uploads.data(SIZE)
      local path = uploads.file("film.mp4", data)
      local command = cli.command "upload --resume --chunk-size 5M film.mp4"
      local slow = {}
      for i = 1, 40 do slow[i] = { delay = 0.1 } end
      service.faults(slow)
      for _ = 1, again do
        uploads.run(SCRIPT:format(path, command, path))
        assert(io.open(path .. ".upload", "rb")):close()
      end
      uploads.run(("cd \"$(dirname '%s')\" && exec %s"):format(path, command))
      local stored = uploads.only_video()
      assert.is_true(stored.complete)
      assert.equal(uploads.sha256(data), stored.sha256)
      assert.is_nil(io.open(path .. ".upload", "rb"))
      assert.is_nil(io.open(path .. ".upload.new", "rb"))
    end)
  end
end)
