-- What all five runtimes have; a version's own extras must not slip in.
std = "min"
max_line_length = 80
exclude_files = { "build", "**/node_modules" }

files["spec"].std = "+busted"
-- Looks for LuaJIT, to turn its compiler off.
files["spec/support/helper.lua"].read_globals = { "jit" }
-- Runs inside nginx.
files["sandbox"].std = "ngx_lua"
