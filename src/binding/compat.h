/* One set of names for the C APIs of Lua 5.1 to 5.4 and LuaJIT. */
#ifndef APVL_COMPAT_H
#define APVL_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

/* Lua 5.1 and 5.2 do not tell; LuaJIT 2.1, known by luaL_newlib, does. It also
** loads what was built for 5.1, which finds the function there, or does not,
** when it is loaded. */
#if LUA_VERSION_NUM < 502 && !defined(luaL_newlib) && defined(__ELF__)
extern int lua_isyieldable(lua_State *L) __attribute__((weak));
static inline int apvl_isyieldable(lua_State *L) {
  return lua_isyieldable == NULL || lua_isyieldable(L);
}
#define lua_isyieldable(L) apvl_isyieldable(L)
#elif LUA_VERSION_NUM == 502 || !defined(luaL_newlib)
#define lua_isyieldable(L) ((void)(L), 1)
#endif

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, index) lua_objlen(L, index)
#define lua_setuservalue(L, index) lua_setfenv(L, index)
#define lua_getuservalue(L, index) lua_getfenv(L, index)
/* The functions that follow are ours and hold no upvalues. */
#define luaL_setfuncs(L, list, upvalues) luaL_register(L, NULL, list)
#undef luaL_newlib /* LuaJIT has it as a macro */
#define luaL_newlib(L, list) (lua_newtable(L), luaL_register(L, NULL, list))
#define luaL_setmetatable(L, name) \
  (luaL_getmetatable(L, name), lua_setmetatable(L, -2))

static inline int apvl_absindex(lua_State *L, int index) {
  return index > 0 || index <= LUA_REGISTRYINDEX ? index
                                                 : lua_gettop(L) + index + 1;
}
#define lua_absindex(L, index) apvl_absindex(L, index)
#endif

#endif
