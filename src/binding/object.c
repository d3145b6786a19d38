/* Telling objects of ours from other values. */
#include "binding.h"

bool apvl_has_metatable(lua_State *L, int index, const char *name) {
  if (!lua_getmetatable(L, index)) return false;
  luaL_getmetatable(L, name);
  bool same = lua_rawequal(L, -1, -2);
  lua_pop(L, 2);
  return same;
}

void *apvl_test_object(lua_State *L, int index, const char *name) {
  void *object = lua_touserdata(L, index);
  bool full = object != NULL && lua_type(L, index) == LUA_TUSERDATA;
  return full && apvl_has_metatable(L, index, name) ? object : NULL;
}
