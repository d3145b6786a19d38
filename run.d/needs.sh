# shellcheck shell=sh
# What there is on this system. Each need_… notes what is lacking, by its row
# in packages.txt, and want_… what a command can do without.

# Administrators' directories are not on everybody's PATH.
has_tool() {
  command -v "$1" >/dev/null || [ -x "/usr/sbin/$1" ]
}

# Each argument is a tool that is named like its row.
need_tools() {
  for tool in "$@"; do has_tool "$tool" || lacks "$tool"; done
}

want_tools() {
  for tool in "$@"; do has_tool "$tool" || wants "$tool"; done
}

# Whether the runtime $1 has the Lua module $2.
has_module() {
  LUA_INIT='' "$1" -e "require '$2'" 2>/dev/null
}

# Whether pkg-config knows one of the names; before it is installed, whether
# the header is where Debian keeps it.
has_library() {
  header=$1
  shift
  if ! has_tool pkg-config; then
    for path in "/usr/include/$header" /usr/include/*/"$header"; do
      [ -f "$path" ] && return
    done
    return 1
  fi
  for name in "$@"; do pkg-config --exists "$name" && return; done
  return 1
}

need_compiler() {
  has_tool cc || lacks cc
  [ -f /usr/include/stdio.h ] || [ "$(uname -s)" = Darwin ] || lacks cc
  need_tools make pkg-config
  has_library curl/curl.h libcurl || lacks libcurl
}

need_headers() {
  case $1 in
    luajit) has_library "luajit-2.1/lua.h" luajit || lacks luajit-headers ;;
    lua5.[1-4])
      short=lua5${1#lua5.}
      has_library "$1/lua.h" "$1" "lua-${1#lua}" "$short" ||
        lacks "$1-headers" ;;
    *) fail "there is no runtime '$1', try: $all_runtimes" 2 ;;
  esac
}

# What building for the runtimes takes.
need_build() {
  need_compiler
  for runtime in "$@"; do need_headers "$runtime"; done
}

# What running on them takes.
need_runtimes() {
  for runtime in "$@"; do
    has_tool "$runtime" || lacks "$runtime"
    has_module "$runtime" cjson || lacks cjson
  done
}

# The sandbox, with the options in the arguments.
need_sandbox() {
  need_tools nginx
  has_nginx_lua || lacks nginx-lua
  has_nginx_cjson || lacks cjson
  case " $* " in *" --tls "* | *" --http2 "*) need_tools openssl ;; esac
}

# How nginx was built, a word a line; nothing where there is none.
nginx_words() (
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  ! command -v nginx >/dev/null || nginx -V 2>&1 | tr ' ' '\n'
)

# OpenResty's nginx has Lua built in, and no folder of modules.
is_openresty() {
  nginx_words | grep -q '^--add-module=.*lua'
}

has_nginx_lua() {
  is_openresty && return
  for path in "$(nginx_words | sed -n 's/^--modules-path=//p')" \
    /usr/lib*/nginx/modules /usr/share/nginx/modules \
    /usr/local/lib/nginx/modules /opt/homebrew/lib/nginx/modules; do
    [ -f "$path/ngx_http_lua_module.so" ] && return
  done
  return 1
}

# For the Lua in nginx, which is LuaJIT; OpenResty's has folders of its own.
has_nginx_cjson() {
  if is_openresty; then openresty_has_module cjson; return; fi
  for path in /usr/lib*/lua/5.1 /usr/lib/*/lua/5.1 /usr/local/lib/lua/5.1; do
    [ -f "$path/cjson.so" ] && return
  done
  has_module luajit cjson
}

# Its nginx is asked, and ends before it serves.
openresty_has_module() (
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  unset LUA_PATH LUA_CPATH LUA_INIT
  place=$(mktemp -d)
  printf '%s\n' 'daemon off;' 'pid nginx.pid;' 'events {}' 'http {' \
    "init_by_lua_block { os.exit(pcall(require, '$1') and 0 or 1) }" '}' \
    >"$place/nginx.conf"
  status=0
  nginx -p "$place/" -c nginx.conf -e stderr >/dev/null 2>&1 || status=$?
  rm -rf "$place"
  exit "$status"
)

# What the command line runs on, apart from the module.
need_cli() {
  need_runtimes "$1"
  has_module "$1" argparse || lacks argparse
}

# The runtime that the specs' servers and tools run on: the first of RUNTIMES.
need_tool_runtime() {
  need_build "${runtimes%% *}"
  need_runtimes "${runtimes%% *}"
  has_module "${runtimes%% *}" socket || lacks lua-socket
}

# What the specs of the library take on some runtimes: no shells, no screens.
need_specs() {
  need_tool_runtime
  need_build "$@"
  need_runtimes "$@"
  need_tools busted openssl curl
  want_tools tinyproxy danted microsocks
  need_sandbox
}

# What the whole suite takes: the hosts, shells and screens that it looks at,
# too.
need_suite() {
  need_specs "$@"
  need_tools luarocks
  has_module lua5.4 luv || lacks luv
  has_module lua5.4 cqueues || lacks cqueues
  for runtime in "$@"; do need_cli "$runtime"; done
  need_tools tmux bash zsh fish
  case " $* " in
    *' luajit '*) need_love; need_page; need_browser; need_docs ;;
  esac
}

# LÖVE, and a screen that nobody sees.
need_love() {
  need_tools love
  has_tool xvfb-run || lacks xvfb
}

# What fetches the uploader of the page in examples/nginx.
need_page() {
  need_tools node npm
}

need_browser() {
  need_tools chromium chromedriver
}

# What makes a site of the documentation.
need_docs() {
  need_tools mkdocs lua5.4
  python3 -c 'import pygments' 2>/dev/null || lacks pygments
}

# clang, with what it links its sanitizers and fuzzers from.
need_clang_runtime() {
  need_tools clang
  library=$(clang -print-file-name="libclang_rt.fuzzer-$(uname -m).a" \
    2>/dev/null) || :
  [ -f "$library" ] || lacks clang-runtime
}

need_lint() {
  # shellcheck disable=SC2086  # it is a list
  need_build $runtimes
  need_tools clang clang-format cppcheck luacheck shellcheck musl-gcc
  { has_tool ctags && ctags --version | grep -q Universal; } || lacks ctags
}
