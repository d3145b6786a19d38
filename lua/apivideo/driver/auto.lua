--- The driver that is used unless another one is asked for: nginx's where
-- there is nginx, and a request or timer is running; else the program blocks.

local block = require "apivideo.driver.block"

if not (ngx and ngx.get_phase) then return block end

local ngx_driver = require "apivideo.driver.ngx"

-- Nothing is served yet, or any more: here a worker may block.
local MAY_BLOCK = { init = true, init_worker = true, exit_worker = true }

local auto = {}

local function driver()
  return MAY_BLOCK[ngx.get_phase()] and block or ngx_driver
end

function auto.check(method)
  local check = driver().check
  if check then check(method) end
end

function auto.await(client, call)
  driver().await(client, call)
end

function auto.push(client)
  driver().push(client)
end

function auto.spawn(run)
  ngx_driver.spawn(run)
end

return auto
