--- The driver that is used unless another one is asked for: nginx's where
-- there is nginx, else the program blocks.

local ngx = require("apivideo.util.host").ngx

if type(ngx) == "table" and ngx.get_phase then
  return require "apivideo.driver.ngx"
end
return require "apivideo.driver.block"
