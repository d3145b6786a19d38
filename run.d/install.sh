# shellcheck shell=sh
# Installs what a command needs. A need is a row of packages.txt. The functions
# of needs.sh note what is not there in $lacking, and in $wanted what a command
# can do without.

lacking='' wanted=''

lacks() {
  case " $lacking " in *" $1 "*) ;; *) lacking="$lacking $1" ;; esac
}

wants() {
  case " $wanted " in *" $1 "*) ;; *) wanted="$wanted $1" ;; esac
}

# Calls a function of needs.sh, installs what it finds lacking, and looks
# again.
ensure() {
  lacking='' wanted=''
  "$@"
  [ -n "$lacking$wanted" ] || return 0
  install_packages
  lacking='' wanted=''
  "$@"
  [ -z "$lacking" ] || explain_what_is_left
  [ -z "$wanted" ] ||
    printf 'run: goes on without%s, which %s\n' "$wanted" \
      'this system does not offer' >&2
}

# --- which packages ----------------------------------------------------------

# Column $2 of the row $1, without the row's name: 1 is apt.
packages_of() {
  awk -v row="$1" -v column="$2" \
    '$1 == row { print $(column + 1) }' "$root/run.d/packages.txt"
}

# What to tell a person to install, from column $1: first alternatives.
packages_to_name() {
  for row in $lacking; do packages_of "$row" "$1"; done |
    sed 's/|.*//; s/+/ /g; /^-$/d' | awk '!seen[$0]++' | tr '\n' ' '
}

rows_without_package() {
  for row in $lacking; do
    [ "$(packages_of "$row" "$1")" != - ] || printf ' %s' "$row"
  done
}

is_offered() {
  for package in "$@"; do
    LC_ALL=C apt-cache policy "$package" 2>/dev/null |
      grep -q '^  Candidate: [^(]' || return 1
  done
}

# Adds to $packages the first alternative of row $1 that the system offers.
choose_packages() {
  for alternative in $(packages_of "$1" 1 | tr '|' ' '); do
    alternative=$(printf '%s' "$alternative" | tr + ' ')
    # shellcheck disable=SC2086  # it is a list
    if is_offered $alternative; then
      packages="$packages $alternative"
      return 0
    fi
  done
  return 1
}

# Sets $packages; what the system has no package for is in $unoffered, as far
# as it is needed.
choose_all_packages() {
  packages='' unoffered='' unoffered_wanted=''
  for row in $lacking; do
    choose_packages "$row" || unoffered="$unoffered $row"
  done
  for row in $wanted; do
    choose_packages "$row" || unoffered_wanted="$unoffered_wanted $row"
  done
}

# --- what to say when it cannot be done --------------------------------------

explain() {
  {
    printf 'run: %s, but these are missing:%s\n' "$1" "$lacking"
    printf '\nInstall them, as root, with one of\n\n'
    printf '  apt-get install --no-install-recommends %s\n' \
      "$(packages_to_name 1)"
    printf '  dnf install %s\n' "$(packages_to_name 2)"
    printf '  apk add %s\n' "$(packages_to_name 3)"
    printf '\nor on macOS with\n\n  brew install %s\n' "$(packages_to_name 4)"
    for column in '2 dnf' '3 apk' '4 brew'; do
      others=$(rows_without_package "${column% *}")
      if [ -n "$others" ]; then
        printf '\nNot in %s, as far as we know:%s' "${column#* }" "$others"
      fi
    done
    printf '\nOnly the names for apt have been tried. luarocks has busted,'
    printf ' luacheck, luasocket\nand lua-cjson; RUNTIMES="lua5.4 luajit"'
    printf ' makes do with those two runtimes.\n'
  } >&2
  exit 1
}

# All was installed, and still something is not there: a package that is
# broken, or one that has not in it on this system what it has on others.
explain_what_is_left() {
  for row in $lacking; do
    printf 'run: %s is still missing; the package %s should have brought it\n' \
      "$row" "$(packages_of "$row" 1 | sed 's/|/ or /g; s/+/ and /g')" >&2
  done
  exit 1
}

# --- apt ---------------------------------------------------------------------

# Sets $sudo to what makes a command root's, or explains.
become_root() {
  sudo=''
  [ "$(id -u)" -eq 0 ] && return
  has_tool sudo || explain 'installing takes root, or sudo'
  sudo=sudo
  [ -t 0 ] || sudo='sudo -n'
  $sudo true || explain 'installing takes root, and sudo refused'
}

policy=/usr/sbin/policy-rc.d
policy_is_ours='' apt_log=''

# shellcheck disable=SC2317  # it is called by a trap
clean_up_install() {
  if [ -n "$policy_is_ours" ]; then $sudo rm -f "$policy"; fi
  if [ -n "$apt_log" ]; then rm -f "$apt_log"; fi
}

# Rows whose packages start a server of that name: nginx, for one, would open
# port 80 to the world.
servers='nginx danted'

# Sets $new_servers to those that are about to be installed.
find_new_servers() {
  new_servers=''
  for server in $servers; do
    case " $lacking $wanted " in
      *" $server "*) new_servers="$new_servers $server" ;;
    esac
  done
}

# Debian's way to install a server and not start it is this script, which says
# "forbidden".
keep_servers_stopped() {
  [ -n "$new_servers" ] && [ ! -e "$policy" ] || return 0
  policy_is_ours=yes
  printf '#!/bin/sh\nexit 101\n' | $sudo tee "$policy" >/dev/null
  $sudo chmod 755 "$policy"
}

# Nor are they to start with the machine from now on.
disable_servers() {
  for server in $new_servers; do
    $sudo update-rc.d "$server" disable >>"$apt_log" 2>&1 || continue
    printf 'run: %s was installed, but neither started nor enabled\n' \
      "$server" >&2
  done
}

apt() {
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -q \
    -o DPkg::Lock::Timeout=120 "$@" </dev/null >>"$apt_log" 2>&1
}

# Never at the price of a package that somebody else installed.
apt_install() {
  # shellcheck disable=SC2086  # it is a list
  [ -z "$packages" ] ||
    apt install -y --no-install-recommends --no-remove $packages
}

# Lists that are not there, or out of date, do not know the packages.
apt_update() {
  apt update
  choose_all_packages
}

install_packages() {
  has_tool apt-get || {
    [ -n "$lacking" ] || return 0
    explain 'there is no apt here to install with'
  }
  if [ -z "$lacking" ] && [ "$(id -u)" -ne 0 ]; then return 0; fi
  become_root
  apt_log=$(mktemp)
  trap clean_up_install EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  choose_all_packages
  [ -z "$unoffered$unoffered_wanted" ] || apt_update
  [ -z "$unoffered" ] || fail "this system has no package for$unoffered"
  if [ -n "$packages" ]; then
    printf 'run: installing%s\n' "$packages" >&2
  fi
  find_new_servers
  keep_servers_stopped
  if ! apt_install && ! { apt_update && apt_install; }; then
    cat "$apt_log" >&2
    fail 'apt-get could not install them, see above'
  fi
  disable_servers
  clean_up_install
  policy_is_ours='' apt_log=''
  trap - EXIT HUP INT TERM
}
