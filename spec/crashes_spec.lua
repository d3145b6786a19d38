-- Uploads in processes that are killed. `./run crashes` kills 100.

local crashes = require "spec.support.crashes"
local faults = require "spec.support.faults"

describe("an upload in a process that is killed", function()
  it("goes on in another one, to one video with all its bytes", function()
    local wanted = faults.COLLECTS and 3 or 6
    local counts = crashes(wanted, 15 * 1024 * 1024 + 1)
    assert.equal(wanted, counts.nothing + counts.parts + counts.ended)
  end)
end)
