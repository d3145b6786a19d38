#!/bin/sh
# Everything that is checked without running the library. Needs the tools
# that `./run lint` installs; stays silent about what is right.
set -eu
unset CDPATH
cd "$(dirname "$0")/.."

make=${MAKE:-make}
c_files=$(find src examples spec bench -name '*.[ch]' \
  -not -path '*/node_modules/*')
lua_files='lua bin/apivideo spec examples sandbox bench docs/site packaging'
scripts=$(find . \( -name .git -o -name build -o -name node_modules \) -prune \
  -o -type f ! -name '*.md' -exec grep -lE '^#!/.*[/ ](ba)?sh$' {} +)
failed=''

# Runs a check; what follows the first argument is the command.
check() {
  name=$1
  shift
  if ! "$@"; then
    echo "lint: $name" >&2
    failed=yes
  fi
}

# The options of the project, as errors, for every runtime.
compile() {
  "$make" -s build symbols examples BUILD="build/lint/$1" CC="$1" CFLAGS=-O2 \
    WERROR=-Werror >"build/lint/$1.log" 2>&1 && return
  cat "build/lint/$1.log"
  return 1
}

# Which headers the core reaches, directly or not; only the binding may name
# Lua's at all.
core_is_free_of_lua() {
  # shellcheck disable=SC2046  # the options are meant to be split
  reached=$(cc -std=c99 -M $(pkg-config --cflags libcurl) src/core/*.c |
    grep -E '/(lua|luaconf|lualib|lauxlib|luajit)\.h') || :
  named=$(grep -rlE '# *include.*l(ua|ualib|auxlib)\.h' src |
    grep -v '^src/binding/') || :
  [ -z "$reached$named" ] && return
  printf '%s\n' "$reached" "$named"
  return 1
}

# The core's API serves C++, too.
api_is_cplusplus() {
  c++ -std=c++11 -Wall -Wextra -Werror -fsyntax-only -x c++ src/core/apv.h
}

# On the objects of the first compiler.
floors() {
  spec/floors.sh build/lint/gcc/core
}

# Characters, not bytes: mawk would count those of "…" as three. luacheck looks
# at the lines of Lua files.
line_limits() {
  # shellcheck disable=SC2086  # no name has a space
  ! LC_ALL=C.UTF-8 grep -nE '^.{81,}' $c_files $scripts run.d/*.sh Makefile
}

file_limits() {
  find src lua \( -name '*.[ch]' -o -name '*.lua' \) -exec awk '
    FNR == 401 { print FILENAME ": longer than 400 lines"; bad = 1 }
    END { exit bad }' {} +
}

nothing_unfinished() {
  ! grep -rnE 'TO[D]O|FIX[M]E' src lua spec sandbox examples docs ./*.md \
    run run.d Makefile .ci ./*.rockspec --exclude-dir=node_modules
}

function_limits() {
  # shellcheck disable=SC2086
  ctags --quiet --options=NONE --languages=C --langmap=C:+.h --c-kinds=f \
    --fields=+ne -f - $c_files | awk -F '\t' '{
    for (i = 4; i <= NF; i++) {
      if ($i ~ /^line:/) first = substr($i, 6)
      if ($i ~ /^end:/) last = substr($i, 5)
    }
    if (last - first + 1 > 60) {
      print $2 ":" first ": " $1 " is longer than 60 lines"; bad = 1
    }
  } END { exit bad }'
}

syntax() {
  for script in $scripts run.d/*.sh; do
    case $(head -n 1 "$script") in
      *bash) bash -n "$script" ;;
      *) sh -n "$script" ;;
    esac || return 1
  done
}

# Its own knowledge of the C library, and none of libcurl and Lua.
static_analysis() {
  cppcheck --quiet --std=c99 --error-exitcode=1 --inline-suppr \
    --enable=warning,performance,portability \
    --suppress=missingIncludeSystem src
}

# It has a last word even when all is well.
lua_analysis() {
  # shellcheck disable=SC2086
  report=$(luacheck --no-color -q $lua_files ./*.rockspec) && return
  printf '%s\n' "$report"
  return 1
}

mkdir -p build/lint
check 'gcc warns' compile gcc
check 'clang warns' compile clang
check 'src does not compile for another system' spec/lint/systems.sh
check 'only src/binding may include Lua' core_is_free_of_lua
check 'a floor of the core knows a higher one' floors
check 'apv.h is no C++' api_is_cplusplus
# shellcheck disable=SC2086
check 'run clang-format -i' clang-format --dry-run --Werror $c_files
check 'cppcheck warns' static_analysis
check 'luacheck warns' lua_analysis
check 'a script is no shell script' syntax
# shellcheck disable=SC2086
check 'shellcheck warns' shellcheck -x $scripts
check 'lines longer than 80' line_limits
check 'files that are too long' file_limits
check 'a function is too long' function_limits
check 'something is unfinished' nothing_unfinished

[ -z "$failed" ] || exit 1
echo 'lint is clean'
