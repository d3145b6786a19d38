/* Locks on files: who has one tells others, by being there, to keep away. */
#include "../core/system.h"
#include "binding.h"

/* core.lock(path) → a number that holds the lock of the file, which is made if
** it is not there; false: another one has it; nil and what is wrong. A system,
** or a file system, without locks gives everybody one. */
int apvl_lock(lua_State *L) {
  int lock;
  const char *path = luaL_checkstring(L, 1);
  const char *problem = apv_system_lock_file(path, &lock);
  if (problem != NULL) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, problem);
    return 2;
  }
  if (lock < 0) {
    lua_pushboolean(L, false);
  } else {
    lua_pushinteger(L, lock);
  }
  return 1;
}

/* core.unlock(lock) */
int apvl_unlock(lua_State *L) {
  apv_system_unlock_file((int)luaL_checkinteger(L, 1));
  return 0;
}
