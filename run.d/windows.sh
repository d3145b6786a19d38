# shellcheck shell=sh
# The module for Windows, cross-built and tried under wine: windows [--short].
# windows-libraries.sh has what it is built from, windows-trials.sh what is
# tried, windows-zip.sh what is made of it.

windows_build=$root/build/windows
windows_logs=$windows_build/log

# What the module for Windows, and its zip, are made with.
need_windows_build() {
  need_compiler
  need_tools cmake zip patch
  has_tool dpkg-source || lacks dpkg-source
  has_tool x86_64-w64-mingw32-gcc || lacks mingw
  has_module lua5.4 argparse || lacks argparse
}

need_windows() {
  need_windows_build
  need_sandbox --tls
  need_tool_runtime
  need_tools busted wine unzip
  [ -n "$windows_short" ] || {
    has_tool i686-w64-mingw32-gcc || lacks mingw-x86
    need_build lua5.4
    need_tools clang tmux
    want_tools tinyproxy danted microsocks
  }
}

run_windows() {
  case ${1-} in
    '') windows_short='' ;;
    --short) windows_short=yes ;;
    *) fail "windows takes --short, not '$1'" 2 ;;
  esac
  ensure need_windows
  make_windows_libraries
  make_windows_modules
  mkdir -p "$windows_logs"
  # What a user has in them changes nothing.
  unset SSL_CERT_FILE SSL_CERT_DIR http_proxy https_proxy all_proxy no_proxy
  unset HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY APIVIDEO_LOG
  trap stop_wine EXIT
  start_wine
  cd "$root"
  passed=0 failed=0 skipped=0
  try_windows_modules
  [ -n "$windows_short" ] || try_windows
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
  [ "$failed" -eq 0 ]
}

# --- the module --------------------------------------------------------------

windows_make() {
  PKG_CONFIG_LIBDIR=$windows_prefix/lib/pkgconfig \
    make_here CC=$windows_cc BUILD=build/windows WERROR=-Werror "$@"
}

make_windows_modules() {
  windows_make build-lua5.4 build-luajit probe-lua5.4 probe-luajit
}

# --- wine --------------------------------------------------------------------

with_wine() {
  WINEPREFIX=$windows/wine WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml=' \
    DISPLAY='' "$@"
}

# Its server stays meanwhile: each program would start one.
start_wine() {
  mkdir -p "$windows/wine" # the server goes there
  with_wine wineserver -p || : # it was there
  [ -d "$windows/wine/drive_c" ] || logged wine with_wine wineboot -i
}

# That of this folder alone.
# shellcheck disable=SC2317  # it is called by a trap
stop_wine() {
  with_wine wineserver -k || :
}

# --- trials ------------------------------------------------------------------

count_trial() {
  if [ "$2" -eq 0 ]; then
    passed=$((passed + 1))
    printf '%-46s ok\n' "$1"
  else
    failed=$((failed + 1))
    printf '%-46s FAILED\n' "$1"
    tail -n 40 "$3"
  fi
}

# trial NAME COMMAND…: passes when the command does.
trial() {
  trial_name=$1
  trial_log=$windows_logs/$(printf '%s' "$1" | tr -c 'a-zA-Z0-9.\n' -).log
  shift
  status=0
  timeout 300 "$@" </dev/null >"$trial_log" 2>&1 || status=$?
  count_trial "$trial_name" "$status" "$trial_log"
}

# windows_specs NAME LUA SPEC…: in a Lua for Windows.
windows_specs() {
  trial_name=$1 lua=$2
  shift 2
  # shellcheck disable=SC2086,SC2154  # options
  count_specs "$trial_name" "spec/windows/$lua" spec/windows/busted.lua \
    --output=plainTerminal $windows_filters "$@"
}

# count_specs NAME COMMAND…: counts what busted counts. Under wine all takes
# longer, on a machine that has more to do much longer.
count_specs() {
  trial_name=$1
  trial_log=$windows_logs/$(printf '%s' "$1" | tr -c 'a-zA-Z0-9.\n' -).log
  shift
  APIVIDEO_SLOW=4 timeout 300 sandbox/sandbox -- "$@" \
    </dev/null >"$trial_log" 2>&1 || : # the counts tell
  counts=$(awk '/^[0-9]+ success/ { print $1, $4 + $7, $10 }' "$trial_log")
  if [ -z "$counts" ]; then
    count_trial "$trial_name" 1 "$trial_log"
    return
  fi
  # shellcheck disable=SC2086  # three numbers
  set -- $counts
  passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
  printf '%-46s %d passed, %d failed, %d skipped\n' "$trial_name" "$@"
  if [ "$2" -ne 0 ]; then grep -A 30 -E '^(Failure|Error) ->' "$trial_log"; fi
}

# Other names in a host and ours would meet.
exports_one_name() {
  names=$($windows_triplet-objdump -p "$1" |
    awk '/Ordinal\/Name Pointer/ { on = 1; next }
      on && NF == 0 { exit }
      on { print $NF }')
  echo "$names"
  [ "$names" = luaopen_apivideo_core ]
}

# Nothing has to be brought along but Lua.
needs_no_dll() {
  $windows_triplet-objdump -p "$1" | sed -n 's/^.*DLL Name: //p' | grep -vix \
    -e advapi32.dll -e bcrypt.dll -e crypt32.dll -e kernel32.dll \
    -e msvcrt.dll -e ws2_32.dll -e 'lua5[14].dll' || return 0
  return 1
}

# The same for a function of this script.
shell_trial() {
  trial_name=$1
  trial_log=$windows_logs/$(printf '%s' "$1" | tr -c 'a-zA-Z0-9.\n' -).log
  shift
  status=0
  "$@" </dev/null >"$trial_log" 2>&1 || status=$?
  count_trial "$trial_name" "$status" "$trial_log"
}

try_windows_modules() {
  for runtime in lua5.4 luajit; do
    lua=${runtime%5.4}
    dll=$windows_build/$runtime/apivideo/core.dll
    shell_trial "$runtime: exports one name" exports_one_name "$dll"
    shell_trial "$runtime: needs Windows and Lua alone" needs_no_dll "$dll"
    trial "$runtime: demo" sandbox/sandbox -- "spec/windows/$lua" \
      examples/demo.lua
  done
}
