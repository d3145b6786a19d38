/* What Lua itself does not say of a terminal. */
#include "../core/system.h"
#include "binding.h"

/* core.terminal_width(fd) → the columns of the terminal behind a descriptor,
** 0 where it does not say, and whether it takes codes for colours and places;
** nil: no terminal is behind it */
int apvl_terminal_width(lua_State *L) {
  bool codes;
  int columns = apv_system_terminal_width((int)luaL_checkinteger(L, 1), &codes);
  if (columns < 0) return 0;
  lua_pushinteger(L, columns);
  lua_pushboolean(L, codes);
  return 2;
}
