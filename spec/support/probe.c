/* What is pure in the core, for the specs to look at; never installed. Each
** function takes and gives plain values. */
#include <lauxlib.h>
#include <lua.h>

#include "../../src/core/date.h"
#include "../../src/core/gate.h"
#include "../../src/core/operation.h"
#include "../../src/core/retry.h"

static lua_Number number_field(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  lua_Number number = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return number;
}

static bool boolean_field(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  bool value = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return value;
}

/* The index of the name in field `name`; `count` names are compared. */
static int name_field(
  lua_State *L, const char *name, const char *(*name_of)(int), int count
) {
  int found = -1;
  lua_getfield(L, 1, name);
  const char *wanted = luaL_checkstring(L, -1);
  for (int i = 0; i < count; i++) {
    lua_pushstring(L, name_of(i));
    lua_pushstring(L, wanted);
    if (lua_rawequal(L, -1, -2)) found = i;
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
  if (found < 0) luaL_error(L, "%s is unknown", name);
  return found;
}

static const char *operation_name(int i) {
  return apv_operation_name((enum apv_operation)i);
}

static const char *status_name(int i) {
  return apv_status_name((enum apv_status)i);
}

/* retry_wait(outcome) → seconds or nil, cost */
static int probe_retry_wait(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int operation =
    name_field(L, "operation", operation_name, APV_OPERATION_COUNT);
  struct apv_outcome outcome = {
    .repeatable = apv_operation_repeatable((enum apv_operation)operation) ||
                  boolean_field(L, "has_video"),
    .status =
      (enum apv_status)name_field(L, "status", status_name, APV_NO_MEMORY + 1),
    .http_status = (long)number_field(L, "http_status"),
    .maybe_processed = apv_may_be_processed(
      boolean_field(L, "sent"), (long)number_field(L, "http_status")
    ),
    .permanent = boolean_field(L, "lasting"),
    .attempt = (int)number_field(L, "attempt"),
    .retries = (int)number_field(L, "retries"),
    .server_wait = number_field(L, "server_wait"),
    .time_left = number_field(L, "time_left"),
    .budget = (int)number_field(L, "budget"),
    .random = number_field(L, "random"),
  };
  double wait = apv_retry_wait(&outcome);
  if (wait < 0) {
    lua_pushnil(L);
  } else {
    lua_pushnumber(L, wait);
  }
  lua_pushinteger(L, apv_retry_cost(&outcome));
  return 2;
}

/* --- what a program in C gives -------------------------------------------- */

/* nil is what the core leaves there, and false is NULL. */
static void text_field(lua_State *L, const char *name, const char **text) {
  lua_getfield(L, 1, name);
  if (!lua_isnil(L, -1)) *text = lua_tostring(L, -1);
  lua_pop(L, 1);
}

/* The client of the settings at 1, without those that are not there. */
static enum apv_status new_client(lua_State *L, apv_client **client) {
  struct apv_settings settings;
  apv_settings_init(&settings);
  text_field(L, "base_url", &settings.base_url);
  text_field(L, "application", &settings.application);
  text_field(L, "sdk", &settings.sdk);
  text_field(L, "ca_file", &settings.ca_file);
  return apv_client_new(&settings, client);
}

/* client_new(settings) → the name of a status */
static int probe_client_new(lua_State *L) {
  apv_client *client;
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushstring(L, apv_status_name(new_client(L, &client)));
  apv_client_free(client);
  return 1;
}

/* call_start(request) → the name of a status; its operation may be a number */
static int probe_call_start(lua_State *L) {
  static const struct apv_part part = {
    .file_name = "film.mp4", .data = "x", .size = 1};
  struct apv_request request;
  apv_client *client;
  apv_call *call;
  luaL_checktype(L, 1, LUA_TTABLE);
  int operation = (int)number_field(L, "operation");
  if (operation == 0) {
    operation = name_field(L, "operation", operation_name, APV_OPERATION_COUNT);
  }
  apv_request_init(&request, (enum apv_operation)operation);
  text_field(L, "token", &request.token);
  text_field(L, "sort_by", &request.sort_by);
  text_field(L, "sort_order", &request.sort_order);
  text_field(L, "body", &request.body);
  request.body_size = (size_t)number_field(L, "body_size");
  request.page_size = (long)number_field(L, "page_size");
  if (operation == APV_UPLOAD) request.part = &part;
  if (new_client(L, &client) != APV_OK) return luaL_error(L, "no client");
  lua_pushstring(L, apv_status_name(apv_call_start(client, &request, &call)));
  apv_call_free(call);
  apv_client_free(client);
  return 1;
}

/* http_date(text) → Unix seconds, or nil */
static int probe_http_date(lua_State *L) {
  struct apv_slice text;
  long long seconds;
  text.data = luaL_checklstring(L, 1, &text.size);
  if (!apv_http_date(text, &seconds)) return 0;
  lua_pushnumber(L, (lua_Number)seconds);
  return 1;
}

/* --- a gate: functions of a full userdata --------------------------------- */

/* gate() → a new gate */
static int probe_gate(lua_State *L) {
  apv_gate_init(lua_newuserdata(L, sizeof(struct apv_gate)));
  return 1;
}

/* admits(gate, now) → boolean */
static int probe_admits(lua_State *L) {
  lua_pushboolean(
    L, apv_gate_admits(lua_touserdata(L, 1), luaL_checknumber(L, 2))
  );
  return 1;
}

/* opens(gate) → seconds */
static int probe_opens(lua_State *L) {
  lua_pushnumber(L, apv_gate_opens(lua_touserdata(L, 1)));
  return 1;
}

/* sent(gate) → the window */
static int probe_sent(lua_State *L) {
  lua_pushinteger(L, (lua_Integer)apv_gate_sent(lua_touserdata(L, 1)));
  return 1;
}

/* lost(gate, left) */
static int probe_lost(lua_State *L) {
  apv_gate_lost(lua_touserdata(L, 1), lua_toboolean(L, 2));
  return 0;
}

/* answered(gate, its window, now, status, remaining, window, retry_after) */
static int probe_answered(lua_State *L) {
  struct apv_limits limits = {
    .limit = -1,
    .remaining = (long long)luaL_optnumber(L, 5, -1),
    .window = (long long)luaL_optnumber(L, 6, -1),
    .retry_after = (long long)luaL_optnumber(L, 7, -1),
  };
  apv_gate_answered(
    lua_touserdata(L, 1), (unsigned)luaL_checkinteger(L, 2),
    (long)luaL_checknumber(L, 4), &limits, luaL_checknumber(L, 3)
  );
  return 0;
}

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
int luaopen_apivideo_probe(lua_State *L);

int luaopen_apivideo_probe(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"retry_wait", probe_retry_wait},
    {"client_new", probe_client_new},
    {"call_start", probe_call_start},
    {"http_date", probe_http_date},
    {"gate", probe_gate},
    {"admits", probe_admits},
    {"opens", probe_opens},
    {"sent", probe_sent},
    {"lost", probe_lost},
    {"answered", probe_answered},
    {NULL, NULL},
  };
  lua_newtable(L);
  for (const luaL_Reg *it = functions; it->name != NULL; it++) {
    lua_pushcfunction(L, it->func);
    lua_setfield(L, -2, it->name);
  }
  return 1;
}
