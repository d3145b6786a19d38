#!/bin/sh
# usage: try.sh TRIAL
#
# Installs an artefact of /root/release on a system that has nothing else, and
# uses it there; the last line that is printed is the proof. In /root is also
# the first script of README, first.lua, and what it prints, expected.
# APIVIDEO_BASE_URL and APIVIDEO_API_KEY say which service there is.
set -eu
cd /root/release

install() {
  apt-get -qy --no-install-recommends install "$@" >&2
}

# The first script of README, on the runtime $1.
run_first_script() {
  (
    cd /
    "$1" /root/first.lua >/root/printed
  )
  cmp /root/printed /root/expected
  echo "$1: $(cat /root/printed)"
}

try_deb() {
  install ./lua-apivideo_*.deb "$1"
  run_first_script "$1"
}

# LuaJIT shares Debian's module for Lua 5.1, and knows more: where a coroutine
# can wait.
try_luajit() {
  try_deb luajit
  luajit -e 'assert(not require("apivideo.core").can_yield())'
}

# On whatever Lua comes with it; its manual page and completions.
try_cli() {
  install ./lua-apivideo_*.deb man-db bash-completion
  apivideo doctor >&2
  man --warnings apivideo 2>&1 | grep -q 'apivideo token purge'
  bash -euc '
    . /usr/share/bash-completion/completions/apivideo
    COMP_WORDS=(apivideo token pu) COMP_CWORD=2
    _apivideo
    [ "${COMPREPLY[*]}" = purge ]'
  [ -s /usr/share/zsh/vendor-completions/_apivideo ]
  [ -s /usr/share/fish/vendor_completions.d/apivideo.fish ]
  echo "$(apivideo --version): $(apivideo token create --ttl 2h)"
}

# What luarocks builds with, for Lua $1, and what it does not fetch here.
install_luarocks() {
  install luarocks gcc libc6-dev unzip libcurl4-openssl-dev \
    "lua$1" "liblua$1-dev" lua-cjson lua-argparse
}

# The archive, which is in the folder that this is run in.
try_rockspec() {
  install_luarocks 5.4
  luarocks --lua-version 5.4 install --deps-mode none \
    apivideo-*.rockspec >&2
  /usr/local/bin/apivideo doctor >&2
  run_first_script lua5.4
}

# For two runtimes of one version.
try_src_rock() {
  install_luarocks 5.1
  install luajit
  cp apivideo-*.src.rock /root
  cd /root
  luarocks --lua-version 5.1 install --deps-mode none apivideo-*.src.rock >&2
  run_first_script lua5.1
  run_first_script luajit
}

install_core() {
  install ./lua-apivideo_*.deb ./lua-apivideo-dev_*.deb pkg-config "$@"
}

# A program that is documented, which makes a token for each line.
try_c() {
  install_core gcc libc6-dev
  examples=/usr/share/doc/lua-apivideo-dev/examples
  # shellcheck disable=SC2046  # the options are meant to be split
  cc -std=c99 -Wall -Wextra -Werror -o /root/poll $examples/embed/poll.c \
    $(pkg-config --cflags --libs apivideo-core)
  echo 60 | /root/poll >/root/printed
  echo "C, $(pkg-config --modversion apivideo-core): $(head -n 1 /root/printed)"
}

try_cxx() {
  install_core g++
  cat >/root/call.cc <<'PROGRAM'
#include <cstdio>
#include <cstdlib>

#include <apv.h>

int main() {
  apv_settings settings;
  apv_settings_init(&settings);
  settings.api_key = std::getenv("APIVIDEO_API_KEY");
  settings.base_url = std::getenv("APIVIDEO_BASE_URL");
  apv_client *client;
  apv_status status = apv_client_new(&settings, &client);
  std::printf("C++, %s: %s\n", APV_VERSION, apv_status_text(status));
  if (status != APV_OK) return 1;
  apv_client_free(client);
}
PROGRAM
  # shellcheck disable=SC2046
  c++ -std=c++11 -Wall -Wextra -Werror -o /root/call /root/call.cc \
    $(pkg-config --cflags --libs apivideo-core)
  /root/call
}

apt-get -qy update >&2
case $1 in
  lua5.?) try_deb "$1" ;;
  luajit) try_luajit ;;
  cli) try_cli ;;
  rockspec) try_rockspec ;;
  src-rock) try_src_rock ;;
  c) try_c ;;
  c++) try_cxx ;;
esac
