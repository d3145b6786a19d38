/* Failures: the error object, and what each of its fields is made from. */
#include <stdio.h>
#include <string.h>

#include "binding.h"

static const char ERROR[] = "apivideo.error";

enum { TEXT_SIZE = 1024 }; /* of the longest text that is taken over */

/* --- kinds ---------------------------------------------------------------- */

static const char *kind_of_status(long status) {
  switch (status) {
    case 400: return "bad_request";
    case 401: return "unauthorized";
    case 403: return "forbidden";
    case 404: return "not_found";
    case 429: return "too_many_requests";
    default: break;
  }
  if (status >= 400 && status <= 499) return "client_error";
  if (status >= 500 && status <= 599) return "server_error";
  return "unexpected_status";
}

static const char *kind_of(const apv_call *call, const char *problem) {
  enum apv_status status = apv_call_status(call);
  if (problem != NULL) return apv_status_name(APV_PROTOCOL);
  if (status != APV_OK) return apv_status_name(status);
  return kind_of_status(apv_call_http_status(call));
}

/* --- what the service said ------------------------------------------------ */

/* Copies text field `name` of the table at `from`, redacted, to the same
** field of the table at `to`. */
static void take_text(
  lua_State *L, const apv_call *call, int from, int to, const char *name
) {
  char text[TEXT_SIZE];
  struct apv_slice said;
  lua_getfield(L, from, name);
  if (lua_type(L, -1) == LUA_TSTRING) {
    said.data = lua_tolstring(L, -1, &said.size);
    apv_redact(call, said, text, sizeof text);
    lua_pushstring(L, text);
    lua_setfield(L, to, name);
  }
  lua_pop(L, 1);
}

static void take_texts(lua_State *L, const apv_call *call, int from, int to) {
  static const char *const names[] = {"type", "title", "name", "detail"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    take_text(L, call, from, to, names[i]);
  }
}

/* Copies the list of problems of the answer at `from`, if it has one, redacted,
** to the table at `to`. */
static void take_problems(
  lua_State *L, const apv_call *call, int from, int to
) {
  lua_getfield(L, from, "problems");
  int said = lua_gettop(L);
  if (lua_istable(L, said)) {
    int count = (int)lua_rawlen(L, said);
    lua_createtable(L, count, 0);
    for (int i = 1, taken = 0; i <= count; i++) {
      lua_rawgeti(L, said, i);
      if (lua_istable(L, -1)) {
        lua_createtable(L, 0, 3);
        take_texts(L, call, said + 2, said + 3);
        lua_rawseti(L, said + 1, ++taken);
      }
      lua_pop(L, 1);
    }
    lua_setfield(L, to, "problems");
  }
  lua_pop(L, 1);
}

/* [-0, +0] Copies the fields of an answer that is problem JSON to the error at
** `to`; any other answer adds nothing. */
static void take_answer(lua_State *L, const apv_call *call, int to) {
  apvl_decode(L, apv_call_body(call), NULL);
  if (lua_istable(L, -1)) {
    int from = lua_gettop(L);
    take_texts(L, call, from, to);
    take_problems(L, call, from, to);
  }
  lua_pop(L, 1);
}

/* --- the object ----------------------------------------------------------- */

static void set_text(lua_State *L, const char *name, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}

static void set_boolean(lua_State *L, const char *name, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, name);
}

static void set_integer(lua_State *L, const char *name, long long value) {
  apvl_push_count(L, value);
  lua_setfield(L, -2, name);
}

static void push_error(lua_State *L) {
  lua_createtable(L, 0, 12);
  luaL_setmetatable(L, ERROR);
}

void apvl_push_failure(
  lua_State *L, const char *operation, enum apv_status status, const char *words
) {
  push_error(L);
  set_text(L, "kind", apv_status_name(status));
  set_text(L, "operation", operation);
  set_integer(L, "attempts", 0);
  lua_pushnumber(L, 0);
  lua_setfield(L, -2, "elapsed");
  bool passes = status == APV_TIMEOUT || status == APV_CONNECTION;
  set_boolean(L, "retryable", passes);
  set_boolean(L, "ambiguous", false);
  lua_pushfstring(L, "%s: %s: %s", operation, apv_status_name(status), words);
  lua_setfield(L, -2, "message");
}

int apvl_raise_status(
  lua_State *L, const char *operation, enum apv_status status
) {
  static const char FULL[] =
    "too many files are open: no descriptor is left for a connection";
  if (status == APV_NO_MEMORY) return apvl_no_memory(L);
  /* What has yet to start fails as a connection for want of descriptors. */
  bool full = status == APV_CONNECTION;
  const char *words = full ? FULL : apv_status_text(status);
  apvl_push_failure(L, operation, status, words);
  return lua_error(L);
}

int apvl_raise(lua_State *L, int index, const char *problem) {
  const struct apvl_call *box = lua_touserdata(L, index);
  apv_call *call = box->call;
  enum apv_status status = apv_call_status(call);
  long http_status = apv_call_http_status(call);
  const char *kind = kind_of(call, problem);
  long long retry_after = apv_call_retry_after(call);
  if (status == APV_NO_MEMORY) return apvl_no_memory(L);
  if (problem != NULL) apv_call_cut_body(call);
  push_error(L);
  int error = lua_gettop(L);
  set_text(L, "kind", kind);
  set_text(L, "operation", apv_operation_name(apv_call_operation(call)));
  set_integer(L, "attempts", apv_call_attempts(call));
  lua_pushnumber(L, apv_call_elapsed(call));
  lua_setfield(L, error, "elapsed");
  set_boolean(L, "retryable", problem == NULL && apv_call_retryable(call));
  set_boolean(L, "ambiguous", apv_call_ambiguous(call));
  if (retry_after >= 0) set_integer(L, "retry_after", retry_after);
  if (http_status != 0) {
    set_integer(L, "status", http_status);
    lua_pushvalue(L, index);
    lua_setfield(L, error, "response");
  }
  bool answered = status == APV_OK || status == APV_THROTTLED;
  if (problem == NULL && answered) take_answer(L, call, error);
  apvl_push_message(L, call, error, kind, problem);
  lua_setfield(L, error, "message");
  return lua_error(L);
}

/* --- methods -------------------------------------------------------------- */

bool apvl_is_error(lua_State *L, int index) {
  return lua_istable(L, index) && apvl_has_metatable(L, index, ERROR);
}

static int error_tostring(lua_State *L) {
  lua_getfield(L, 1, "message");
  return 1;
}

/* Raises Lua's own "attempt to concatenate" error, with the position, which
** lua_concat() does not add in C. */
static void check_text(lua_State *L, int index) {
  if (lua_isstring(L, index)) return;
  if (luaL_getmetafield(L, index, "__concat")) {
    lua_pop(L, 1);
  } else {
    luaL_error(L, "attempt to concatenate a %s value", luaL_typename(L, index));
  }
}

/* a .. b, one or both of them an error object → text */
static int error_concat(lua_State *L) {
  lua_settop(L, 2);
  for (int i = 1; i <= 2; i++) {
    if (apvl_is_error(L, i)) {
      lua_getfield(L, i, "message");
      lua_replace(L, i);
    }
    check_text(L, i);
  }
  lua_concat(L, 2);
  return 1;
}

static void push_plain_error(lua_State *L, int error);

/* [-1, +1] What the value at the top is in a plain table: another error object
** and a response become tables, too. */
static void make_plain(lua_State *L) {
  if (apvl_is_error(L, -1)) {
    push_plain_error(L, lua_gettop(L));
  } else if (apvl_test_object(L, -1, APVL_CALL) != NULL) {
    apvl_push_response(L, -1);
  } else {
    return;
  }
  lua_remove(L, -2);
}

static void push_plain_error(lua_State *L, int error) {
  apvl_reserve(L, LUA_MINSTACK);
  lua_newtable(L);
  int plain = lua_gettop(L);
  for (lua_pushnil(L); lua_next(L, error) != 0;) {
    make_plain(L);
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, plain);
  }
}

/* An error object's table(): its fields in a plain table. */
static int error_table(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  push_plain_error(L, 1);
  return 1;
}

void apvl_open_error(lua_State *L) {
  luaL_newmetatable(L, ERROR);
  lua_newtable(L);
  lua_pushcfunction(L, error_table);
  lua_setfield(L, -2, "table");
  lua_setfield(L, -2, "__index");
  lua_pushcfunction(L, error_concat);
  lua_setfield(L, -2, "__concat");
  lua_pushcfunction(L, error_tostring);
  lua_setfield(L, -2, "__tostring");
  lua_pushliteral(L, "apivideo.error");
  lua_setfield(L, -2, "__name");
  lua_pop(L, 1);
}
