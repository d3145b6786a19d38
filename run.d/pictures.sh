# shellcheck shell=sh
# The pictures of the documentation, docs/pictures: drawn by docs/site/pictures,
# or taken by the specs.

need_pictures() {
  need_suite lua5.4 luajit
  need_tools pngquant
}

# Runs specs that leave pictures in build/page.
take_from_specs() {
  SPECS=$* "$root/spec/run_suite.sh" luajit
}

# So few colours that it looks the same, and is light.
lighten() {
  pngquant --force --speed 1 --strip --output "$2" 128 "$1"
}

run_pictures() {
  ensure need_pictures
  make_for suite luajit
  make_for build lua5.4
  pictures=$root/docs/pictures drawing=$root/docs/site/pictures
  mkdir -p "$pictures"
  (
    cd "$root"
    lua5.4 "$drawing/architecture.lua" >"$pictures/architecture.svg"
    set_paths lua5.4
    "$root/sandbox/sandbox" -- "$drawing/screens.sh" "$pictures"
  )
  take_from_specs spec/page_spec.lua spec/love_spec.lua
  lighten "$root/build/page/uploading.png" "$pictures/page.png"
  lighten "$root/build/page/love.png" "$pictures/love.png"
  ls -l "$pictures"
}
