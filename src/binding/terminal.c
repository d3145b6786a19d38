/* What Lua itself does not say of a terminal. */
#include "binding.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* core.terminal_width(fd) → the columns of the terminal behind a descriptor,
** 0 where it does not say; nil: no terminal is behind it */
int apvl_terminal_width(lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  if (isatty(fd)) {
    struct winsize size = {0};
    if (ioctl(fd, TIOCGWINSZ, &size) != 0) size.ws_col = 0;
    lua_pushinteger(L, size.ws_col);
  } else {
    lua_pushnil(L);
  }
  return 1;
}
