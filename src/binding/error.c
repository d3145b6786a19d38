/* Failures: the error object, and what each of its fields is made from. */
#include <stdio.h>
#include <string.h>

#include "binding.h"

static const char ERROR[] = "apivideo.error";

/* Longest piece of an answer that is quoted, and longest text taken over. */
enum { SNIPPET_SIZE = 256 + 1, TEXT_SIZE = 1024, ENCODING_SIZE = 32 };

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

/* --- the line for people -------------------------------------------------- */

/* [-0, +1] Field `name` of the table at `index`, "" when absent or empty. */
static const char *text_field(lua_State *L, int index, const char *name) {
  lua_getfield(L, index, name);
  const char *text = lua_tostring(L, -1);
  return text ? text : "";
}

/* [-0, +1] The service's title, and behind it up to 8 problems, or else the
** name of the parameter that is wrong. */
static void push_title(lua_State *L, int error) {
  int base = lua_gettop(L);
  const char *title = text_field(L, error, "title");
  const char *name = text_field(L, error, "name");
  lua_getfield(L, error, "problems");
  int problems = lua_gettop(L);
  int count = lua_istable(L, problems) ? (int)lua_rawlen(L, problems) : 0;
  lua_pushstring(L, title);
  if (count == 0 && *name != '\0') lua_pushfstring(L, " (parameter %s)", name);
  for (int i = 1; i <= count && i <= 8; i++) {
    lua_rawgeti(L, problems, i);
    int problem = lua_gettop(L);
    const char *its_name = text_field(L, problem, "name");
    const char *its_title = text_field(L, problem, "title");
    lua_pushfstring(L, " (%s: %s)", its_name, its_title);
    lua_insert(L, problem);
    lua_settop(L, problem);
  }
  lua_concat(L, lua_gettop(L) - problems);
  lua_insert(L, base + 1);
  lua_settop(L, base + 1);
}

/* A header of the answer for people; false: there is none, or it is empty. */
static bool read_header(
  const apv_call *call, const char *name, char *text, size_t size
) {
  struct apv_slice value;
  if (!apv_call_header(call, name, &value) || value.size == 0) return false;
  apv_redact(call, value, text, size);
  return true;
}

/* An answer of which no byte is text. */
static bool is_encoded(const apv_call *call, char *encoding, size_t size) {
  return read_header(call, "content-encoding", encoding, size) &&
         strcmp(encoding, "identity") != 0;
}

/* Another address is named; nobody follows, since credentials would go there,
** too. */
static bool is_redirect(const apv_call *call, char *place, size_t size) {
  switch (apv_call_http_status(call)) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308: return read_header(call, "location", place, size);
    default: return false;
  }
}

/* [-0, +1] What the answer starts with, redacted, as the end of a sentence; ""
** if it is the answer to a request for an access token. */
static void push_snippet(lua_State *L, const apv_call *call) {
  char snippet[SNIPPET_SIZE], encoding[ENCODING_SIZE];
  struct apv_slice body = apv_call_body(call);
  enum apv_operation operation = apv_call_operation(call);
  if (operation == APV_AUTHENTICATE || operation == APV_REFRESH) {
    lua_pushliteral(L, "");
  } else if (body.size == 0) {
    lua_pushliteral(L, ", and the answer is empty");
  } else if (is_encoded(call, encoding, sizeof encoding)) {
    lua_pushfstring(
      L, ", and the answer is encoded as %s, which nobody asked for", encoding
    );
  } else {
    apv_redact(call, body, snippet, sizeof snippet);
    lua_pushfstring(L, ", it starts with: %s", snippet);
  }
}

/* [-0, +1] What went wrong: the words between the kind and the path. `problem`:
** what is wrong with the body of a success, or NULL. */
static void push_words(
  lua_State *L, const apv_call *call, int error, const char *problem
) {
  enum apv_status status = apv_call_status(call);
  if (status == APV_PROTOCOL && apv_call_body(call).size > 0) {
    push_snippet(L, call);
    lua_pushfstring(L, "%s%s", apv_call_failure(call), lua_tostring(L, -1));
    lua_remove(L, -2);
    return;
  }
  if (status != APV_OK) {
    const char *hint = apv_call_hint(call);
    if (hint != NULL) {
      lua_pushfstring(L, "%s: %s", hint, apv_call_failure(call));
    } else {
      lua_pushstring(L, apv_call_failure(call));
    }
    return;
  }
  if (problem != NULL) {
    push_snippet(L, call);
    lua_pushfstring(
      L, "the answer is not what was promised: %s%s", problem,
      lua_tostring(L, -1)
    );
    lua_remove(L, -2);
    return;
  }
  char place[SNIPPET_SIZE];
  if (is_redirect(call, place, sizeof place)) {
    lua_pushfstring(
      L, "the service points to %s, and no redirect is followed", place
    );
    return;
  }
  push_title(L, error);
  if (*lua_tostring(L, -1) != '\0') return;
  lua_pop(L, 1);
  push_snippet(L, call);
  lua_pushfstring(L, "no reason was given%s", lua_tostring(L, -1));
  lua_remove(L, -2);
}

/* [-0, +1] "get_token: not_found: The requested resource was not found.
** (GET /upload-tokens/to1t…MKb, status 404)" */
static void push_message(
  lua_State *L, const apv_call *call, int error, const char *kind,
  const char *problem
) {
  char path[512];
  apv_call_path(call, path, sizeof path);
  lua_pushstring(L, apv_operation_name(apv_call_operation(call)));
  lua_pushfstring(L, ": %s: ", kind);
  push_words(L, call, error, problem);
  lua_pushfstring(L, " (%s %s", apv_call_method(call), path);
  if (apv_call_http_status(call) != 0) {
    lua_pushfstring(L, ", status %d)", (int)apv_call_http_status(call));
  } else {
    lua_pushliteral(L, ")");
  }
  lua_concat(L, 5);
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
  set_boolean(L, "retryable", status == APV_TIMEOUT);
  set_boolean(L, "ambiguous", false);
  lua_pushfstring(L, "%s: %s: %s", operation, apv_status_name(status), words);
  lua_setfield(L, -2, "message");
}

int apvl_raise_status(
  lua_State *L, const char *operation, enum apv_status status
) {
  if (status == APV_NO_MEMORY) return apvl_no_memory(L);
  apvl_push_failure(L, operation, status, apv_status_text(status));
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
  push_message(L, call, error, kind, problem);
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
