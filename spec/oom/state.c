#include "state.h"

#include <stdio.h>
#include <stdlib.h>

int luaopen_apivideo_core(lua_State *L);

static int open_script(lua_State *L) {
  const char *path = lua_touserdata(L, 1);
  luaL_openlibs(L);
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_apivideo_core);
  lua_setfield(L, -2, "apivideo.core");
  if (luaL_loadfile(L, path) != 0) lua_error(L);
  lua_call(L, 0, 1);
  return 1;
}

lua_State *state_open(lua_Alloc allocate, const char *path) {
  lua_State *L = allocate ? lua_newstate(allocate, NULL) : luaL_newstate();
  if (L == NULL) {
    fputs("oom: this Lua takes no allocator\n", stderr);
    exit(1);
  }
  lua_pushcfunction(L, open_script);
  lua_pushlightuserdata(L, (void *)path);
  if (lua_pcall(L, 1, 1, 0) != 0) {
    fprintf(stderr, "oom: %s\n", lua_tostring(L, -1));
    exit(1);
  }
  return L;
}

void state_push(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
}

const char *state_call(lua_State *L, int count) {
  static char words[1024];
  if (lua_pcall(L, count, 0, 0) == 0) return NULL;
  if (luaL_callmeta(L, -1, "__tostring")) lua_replace(L, -2);
  const char *message = lua_tostring(L, -1);
  snprintf(words, sizeof words, "%s", message ? message : "no text");
  lua_pop(L, 1);
  return words;
}
