/* apivideo.epoch, against what the C library makes of a date. */
#define _GNU_SOURCE /* timegm() */
#include "fuzz.h"

#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* [-0, +1] */
static void push_epoch(lua_State *L) {
  static int reference = LUA_NOREF;
  if (reference == LUA_NOREF) {
    lua_getglobal(L, "require");
    lua_pushliteral(L, "apivideo.util.date");
    lua_call(L, 1, 1);
    reference = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, reference);
}

/* Seconds east of UTC at the end of a date that is known to be one. */
static long long offset_of(const char *text, size_t size) {
  int hours, minutes;
  char sign;
  if (text[size - 1] == 'Z' || text[size - 1] == 'z') return 0;
  const char *zone = text + size - (text[size - 3] == ':' ? 6 : 5);
  const char *format = text[size - 3] == ':' ? "%c%2d:%2d" : "%c%2d%2d";
  PROMISE(sscanf(zone, format, &sign, &hours, &minutes) == 3);
  return (sign == '-' ? -1 : 1) * (hours * 3600LL + minutes * 60);
}

static long long expected(const char *text, size_t size) {
  struct tm parts = {0};
  int read = sscanf(
    text, "%4d-%2d-%2d%*c%2d:%2d:%2d", &parts.tm_year, &parts.tm_mon,
    &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec
  );
  PROMISE(read == 6);
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  struct tm given = parts;
  time_t seconds = timegm(&parts);
  /* Days and hours that do not exist would have become others. */
  PROMISE(parts.tm_mday == given.tm_mday || given.tm_sec == 60);
  PROMISE(parts.tm_hour == given.tm_hour || given.tm_sec == 60);
  return (long long)seconds - offset_of(text, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_State *L = fuzz_lua();
  push_epoch(L);
  lua_pushlstring(L, (const char *)data, size);
  if (lua_pcall(L, 1, LUA_MULTRET, 0) == LUA_OK) {
    PROMISE(lua_gettop(L) == 1 && lua_isinteger(L, 1));
    char *text = malloc(size + 1);
    if (text == NULL) abort();
    memcpy(text, data, size);
    text[size] = '\0';
    PROMISE(lua_tointeger(L, 1) == expected(text, size));
    free(text);
  } else {
    PROMISE(lua_gettop(L) == 1 && lua_type(L, 1) == LUA_TSTRING);
    struct apv_slice message;
    message.data = lua_tolstring(L, 1, &message.size);
    PROMISE(fuzz_is_readable(message) && message.size < 256);
    PROMISE(fuzz_holds(message, "bad argument #1 to 'epoch' (expected a date"));
  }
  fuzz_settle(L);
  return 0;
}
