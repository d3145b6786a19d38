#!/bin/sh
# usage: sandbox/sandbox -- screens.sh FOLDER
#
# Pictures of the command line at work, on a real terminal, which is tmux. The
# module can be found by lua5.4.
set -eu
unset CDPATH

root=$(cd "$(dirname "$0")/../../.." && pwd -P)
folder=$(cd "$1" && pwd -P)
columns=100
here=$(mktemp -d)
trap 'terminal kill-server 2>/dev/null || :; rm -rf "$here"' EXIT
trap 'exit 130' INT TERM

terminal() {
  LC_ALL=C.UTF-8 tmux -u -S "$here/tmux" -f /dev/null "$@"
}

# Runs commands as if they were typed, and shows them.
show() {
  cat >"$here/script" <<SCRIPT
cd '$here'
apivideo() { lua5.4 '$root/bin/apivideo' "\$@"; }
type_in() {
  printf '\033[2m\$\033[0m %s\n' "\$*"
  eval "\$*"
}
SCRIPT
  for words in "$@"; do
    printf "type_in '%s'\n" "$words" >>"$here/script"
  done
  printf '%s\n' ': >done' 'sleep 60' >>"$here/script"
  rm -f "$here/done"
  terminal new-session -d -x $columns -y 40 "exec sh $here/script"
}

# Waits until a pattern is on the terminal, or the commands are done.
wait_for() {
  tries=0
  until terminal capture-pane -p | grep -Eq "$1" || [ -e "$here/done" ]; do
    sleep 0.05
    tries=$((tries + 1))
    [ $tries -lt 600 ] || {
      echo "screens.sh: the terminal never showed: $1" >&2
      exit 1
    }
  done
}

# take NAME TITLE
take() {
  terminal capture-pane -p -e |
    lua5.4 "$root/docs/site/pictures/screen.lua" $columns "$2" \
      >"$folder/$1.svg"
  terminal kill-server
}

control() {
  curl -s "$APIVIDEO_BASE_URL/sandbox/$1" -d "$2" >/dev/null
}

head -c 3000000 /dev/zero >"$here/teaser.mp4"
head -c 62000000 /dev/zero >"$here/holiday.mp4"

show 'APIVIDEO_API_KEY=mistyped apivideo doctor'
wait_for '^never$'
take doctor 'apivideo doctor'

control tokens '{"count":3,"ttl":3600}'
show 'apivideo token create --ttl 7d' 'apivideo token list --sort-by ttl'
wait_for '^never$'
take list 'apivideo token create, apivideo token list'

# As slow as a real line.
control faults '[{"match":{"method":"POST","path":"/upload"}},
  {"delay":0.8,"times":20,"match":{"method":"POST","path":"/upload"}}]'
show 'apivideo upload teaser.mp4' \
  'apivideo upload --chunk-size 5M --parallel 2 holiday.mp4'
wait_for 'holiday.mp4 .* [67][0-9]%'
take upload 'apivideo upload'
