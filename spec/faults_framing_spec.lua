-- Answers that break the rules of HTTP: where they begin and end, and what
-- they say of that.

local faults = require "spec.support.faults"
local matrix = require "spec.support.fault_matrix"
local shell = require "spec.support.shell"

matrix.specs(require "spec.support.rows.framing")

-- Decoded without having been asked for, but not beyond the limit.
describe("a bomb", function()
  local bomb

  setup(function()
    bomb = shell.output "head -c 10000000 /dev/zero | gzip -9"
  end)

  for _, encoding in ipairs { "Transfer-Encoding", "Content-Encoding" } do
    it(("is protocol in %s"):format(encoding), function()
      local cases = {}
      for i, operation in ipairs { "create_token", "get_token", "list" } do
        local head = "HTTP/1.1 200 OK\r\n" .. encoding .. ": gzip\r\n\r\n"
        cases[i] = { operation = operation, timeout = 5, retries = 2,
          script = { { { "send", head }, { "send", bomb }, { "close" } } } }
      end
      faults.run(cases)
      for _, case in ipairs(cases) do
        local err = case.outcome.err
        assert.equal("protocol", err.kind)
        assert.equal(200, err.status)
        assert.equal(1, err.attempts)
        assert.is_true(#err.message < 512)
        assert.is_true(case.after.ok)
      end
    end)
  end
end)
