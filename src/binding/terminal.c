/* What Lua itself does not say of a terminal. */
#include "../core/system.h"
#include "binding.h"

/* core.terminal_width(fd) → the columns of the terminal behind a descriptor,
** 0 where it does not say; nil: no terminal is behind it */
int apvl_terminal_width(lua_State *L) {
  int columns = apv_system_terminal_width((int)luaL_checkinteger(L, 1));
  if (columns < 0) return 0;
  lua_pushinteger(L, columns);
  return 1;
}
