-- What all five runtimes have; a version's own extras must not slip in.
std = "min"
max_line_length = 80
exclude_files = { "build", "**/node_modules" }

-- Specs also look at what a runtime has, in long tables of cases, and leave
-- loops in the middle on purpose.
files["spec"].std = "max+busted"
files["spec"].max_line_length = 120
files["spec"].ignore = { "512" }
-- Lua 5.4 measures the others.
files["bench"].std = "max"
files["bench/embedding/nginx/peer.lua"].std = "ngx_lua"
-- Says which runtime it runs on.
files["examples/demo.lua"].read_globals = { "jit" }
-- These run on Lua 5.4 alone.
files["docs/site"].std = "lua54"
-- These run inside LÖVE.
files["examples/love"].std = "luajit+love"
files["spec/support/picture"].std = "luajit+love"
-- These run inside nginx.
files["sandbox"].std = "ngx_lua"
files["examples/nginx"].std = "ngx_lua"
files["lua/apivideo/driver/ngx*.lua"].std = "ngx_lua"
-- Says what there is, and does nothing.
files["lua/apivideo/meta"].ignore = { "212", "241" }
