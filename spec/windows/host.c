/* A program for Windows that has the module in it, and runs a script:
**
**   host SCRIPT */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

int luaopen_apivideo_core(lua_State *L);

int main(int argc, char **argv) {
  lua_State *L = luaL_newstate();
  if (argc != 2 || L == NULL) return 2;
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_apivideo_core);
  lua_setfield(L, -2, "apivideo.core");
  lua_settop(L, 0);
  int failed = luaL_dofile(L, argv[1]);
  if (failed) fprintf(stderr, "%s\n", lua_tostring(L, -1));
  lua_close(L);
  return failed;
}
