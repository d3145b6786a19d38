/* host SCRIPT [ARGUMENT…]: runs a script as the standalone interpreters do.
** Built with sanitizers it has their runtime inside: nothing is preloaded, so
** that the programs which specs start, nginx and sh, go unchecked. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static pid_t first; /* the process that main() ran in */

/* Asked by the leak checker at the end of a process. A child by fork() gives
** up its parent's connections without closing them, as it must: they would be
** all that is found there. Other errors are still found. */
int __lsan_is_turned_off(void);

int __lsan_is_turned_off(void) {
  return getpid() != first;
}

/* LuaJIT's own memory is out of a leak checker's sight; what C allocates is
** not. */
static void *allocate(void *context, void *block, size_t old, size_t size) {
  (void)context, (void)old;
  if (size > 0) return realloc(block, size);
  free(block);
  return NULL;
}

static int traceback(lua_State *L) {
  if (!lua_isstring(L, 1)) return 1;
  lua_getglobal(L, "debug");
  lua_getfield(L, -1, "traceback");
  lua_pushvalue(L, 1);
  lua_pushinteger(L, 2);
  lua_call(L, 2, 1);
  return 1;
}

static void set_arguments(lua_State *L, int count, char **arguments) {
  lua_createtable(L, count, 1);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, arguments[i]);
    lua_rawseti(L, -2, i - 1);
  }
  lua_setglobal(L, "arg");
}

/* [-0, +0] The script gets its arguments as "…", too. */
static int run(lua_State *L, int count, char **arguments) {
  luaL_checkstack(L, count + LUA_MINSTACK, "too many arguments");
  lua_pushcfunction(L, traceback);
  int failed = luaL_loadfile(L, arguments[1]);
  if (!failed) {
    for (int i = 2; i < count; i++) lua_pushstring(L, arguments[i]);
    failed = lua_pcall(L, count - 2, 0, 1);
  }
  if (failed) {
    const char *message = lua_tostring(L, -1);
    fprintf(stderr, "%s: %s\n", arguments[0], message ? message : "an error");
  }
  lua_settop(L, 0);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int count, char **arguments) {
  if (count < 2) {
    fprintf(stderr, "usage: %s SCRIPT [ARGUMENT…]\n", arguments[0]);
    return EXIT_FAILURE;
  }
  first = getpid();
  lua_State *L = lua_newstate(allocate, NULL);
  if (L == NULL) {
    fprintf(stderr, "%s: no Lua state\n", arguments[0]);
    return EXIT_FAILURE;
  }
  luaL_openlibs(L);
  set_arguments(L, count, arguments);
  int status = run(L, count, arguments);
  lua_close(L);
  return status;
}
