-- The paths under /sandbox/.
local calls = require "controls.calls"

return {
  exact = {
    ["/sandbox/reset"] = { POST = calls.reset },
    ["/sandbox/log"] = { GET = calls.log, DELETE = calls.clear_log },
    ["/sandbox/stats"] = { GET = calls.stats },
    ["/sandbox/settings"] = {
      GET = calls.settings,
      POST = calls.change_settings,
    },
    ["/sandbox/faults"] = {
      GET = calls.count_faults,
      POST = calls.order_faults,
      DELETE = calls.clear_faults,
    },
    ["/sandbox/tokens"] = { POST = calls.create_tokens },
    ["/sandbox/videos"] = { GET = calls.videos },
  },
  patterns = {
    { pattern = "^/sandbox/videos/([^/]+)$", GET = calls.video },
  },
}
