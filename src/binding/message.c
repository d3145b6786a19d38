/* The line of a failure that people read. */
#include <string.h>

#include "binding.h"

/* Longest piece of an answer that is quoted, and name of an encoding. */
enum { SNIPPET_SIZE = 256 + 1, ENCODING_SIZE = 32 };

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
    lua_pushfstring(L, "the answer is not what was promised: %s", problem);
    if (apv_call_body(call).size == 0) return;
    push_snippet(L, call);
    lua_concat(L, 2);
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

void apvl_push_message(
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
