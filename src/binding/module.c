/* require "apivideo.core" */
#include <stdio.h>

#include "../core/checksum.h"
#include "../core/system.h"
#include "binding.h"

enum { MOST_NAMES = 64 };

/* core.is_error(value) → boolean */
static int core_is_error(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, apvl_is_error(L, 1));
  return 1;
}

/* core.failure(operation, kind, words) → the error object of something that
** is no call's: kind: "cancelled", "timeout", "file", "closed" or
** "protocol" */
static int core_failure(lua_State *L) {
  static const char *const kinds[] = {"cancelled", "timeout",  "file",
                                      "closed",    "protocol", NULL};
  static const enum apv_status statuses[] = {
    APV_CANCELLED, APV_TIMEOUT, APV_FILE, APV_CLOSED, APV_PROTOCOL,
  };
  const char *operation = luaL_checkstring(L, 1);
  int kind = luaL_checkoption(L, 2, NULL, kinds);
  apvl_push_failure(L, operation, statuses[kind], luaL_checkstring(L, 3));
  return 1;
}

/* core.nearest(name, names) → the name in the list nearest to it, or nil */
static int core_nearest(lua_State *L) {
  const char *names[MOST_NAMES + 1] = {NULL};
  const char *name = luaL_checkstring(L, 1);
  luaL_checktype(L, 2, LUA_TTABLE);
  int count = (int)lua_rawlen(L, 2);
  luaL_argcheck(L, count <= MOST_NAMES, 2, "too many names");
  apvl_reserve(L, count + LUA_MINSTACK);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, 2, i + 1);
    names[i] = lua_tostring(L, -1);
    luaL_argcheck(L, names[i] != NULL, 2, "a name must be a string");
  }
  apvl_push_nearest(L, name, names);
  return 1;
}

/* core.describe(value) → what it is, on one short line, secrets masked */
static int core_describe(lua_State *L) {
  luaL_checkany(L, 1);
  apvl_describe(L, 1);
  return 1;
}

/* core.can_yield() → false where C stands between the coroutine and whoever
** resumes it, or there is none; Lua 5.1 and 5.2 do not know and say true */
static int core_can_yield(lua_State *L) {
  lua_pushboolean(L, lua_isyieldable(L));
  return 1;
}

/* core.now() → seconds on a clock that never goes back */
static int core_now(lua_State *L) {
  lua_pushnumber(L, apv_now());
  return 1;
}

/* core.checksum(text) → 16 digits that tell it from others */
static int core_checksum(lua_State *L) {
  struct apv_slice text;
  char digits[17];
  text.data = luaL_checklstring(L, 1, &text.size);
  snprintf(digits, sizeof digits, "%016llx", apv_checksum(text));
  lua_pushstring(L, digits);
  return 1;
}

/* core.utf8(path) → the path in UTF-8, whatever this system's programs have it
** in */
static int core_utf8(lua_State *L) {
  char text[4096];
  const char *path = luaL_checkstring(L, 1);
  size_t size = apv_system_utf8(path, text, sizeof text);
  if (size > 0) {
    lua_pushlstring(L, text, size);
  } else {
    lua_settop(L, 1);
  }
  return 1;
}

/* core.is_file_name(text) → whether an upload may have this file name */
static int core_is_file_name(lua_State *L) {
  size_t size;
  const char *name = luaL_checklstring(L, 1, &size);
  lua_pushboolean(L, apv_file_name_is_valid(name, size));
  return 1;
}

static const luaL_Reg functions[] = {
  {"new", apvl_new_client},
  /* Methods of calls and timers: finding them there takes longer than they
  ** do. */
  {"done", apvl_call_done},
  {"number", apvl_call_number},
  {"result", apvl_call_result},
  {"is_error", core_is_error},
  {"failure", core_failure},
  {"file", apvl_new_file},
  {"relay", apvl_new_relay},
  {"guard", apvl_new_guard},
  {"departures", apvl_departures},
  {"checksum", core_checksum},
  {"is_file_name", core_is_file_name},
  {"utf8", core_utf8},
  {"nearest", core_nearest},
  {"describe", core_describe},
  {"can_yield", core_can_yield},
  {"now", core_now},
  {"library", apvl_library},
  {"terminal_width", apvl_terminal_width},
  {"lock", apvl_lock},
  {"unlock", apvl_unlock},
  {"is_pipe", apvl_is_pipe},
  {"open_pipe", apvl_open_pipe},
  {"read", apvl_read},
  {"heed_signals", apvl_heed_signals},
  {"signal", apvl_signal},
  {NULL, NULL},
};

#if defined(_WIN32)
__declspec(dllexport)
#elif defined(__GNUC__)
__attribute__((visibility("default")))
#endif
  int luaopen_apivideo_core(lua_State *L);

#if LUA_VERSION_NUM < 502
/* Libraries are unloaded one by one at the end of a state, in which finalizers
** run still. */
static void keep_loaded(void) {
  apv_system_keep_loaded(keep_loaded);
}
#endif

int luaopen_apivideo_core(lua_State *L) {
#if LUA_VERSION_NUM < 502
  keep_loaded();
#endif
  apvl_open_json(L);
  apvl_open_error(L);
  apvl_open_call(L);
  apvl_open_timer(L);
  apvl_open_file(L);
  apvl_open_client(L);
  apvl_open_relay(L);
  apvl_open_guard(L);
  luaL_newlib(L, functions);
  struct apv_settings defaults;
  apv_settings_init(&defaults);
  lua_pushnumber(L, defaults.timeout);
  lua_setfield(L, -2, "DEFAULT_TIMEOUT");
  apvl_push_names(L, apvl_setting_names);
  lua_setfield(L, -2, "OPTIONS");
  apvl_push_names(L, apvl_call_option_names);
  lua_setfield(L, -2, "CALL_OPTIONS");
  lua_pushstring(L, apv_library_warning()); /* NULL pushes nil */
  lua_setfield(L, -2, "WARNING");
  lua_pushliteral(L, APV_VERSION);
  lua_setfield(L, -2, "_VERSION");
  return 1;
}
