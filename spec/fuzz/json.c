/* JSON of answers: what is decoded, and whether it has the shape that each
** operation needs. */
#include "fuzz.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#include "../../src/binding/binding.h"
#include "../../src/core/text.h"

static void check_value(lua_State *L, int depth);

static void check_text(lua_State *L, int index) {
  struct apv_slice text;
  text.data = lua_tolstring(L, index, &text.size);
  PROMISE(apv_is_utf8(text));
}

/* Names with escapes in them stay as they are. */
static bool has_escapes;

/* Names short enough to be converted have no capitals. */
static void check_name(lua_State *L, int index) {
  size_t size;
  const char *name = lua_tolstring(L, index, &size);
  check_text(L, index);
  if (size > 64 || has_escapes) return;
  for (size_t i = 0; i < size; i++) PROMISE(name[i] < 'A' || name[i] > 'Z');
}

static void check_table(lua_State *L, int depth) {
  PROMISE(depth <= APVL_MOST_DEPTH);
  luaL_checkstack(L, 8, "too deep");
  lua_pushnil(L);
  while (lua_next(L, -2) != 0) {
    if (lua_type(L, -2) == LUA_TSTRING) check_name(L, -2);
    PROMISE(!lua_isnil(L, -1));
    check_value(L, depth + 1);
    lua_pop(L, 1);
  }
}

/* Whole numbers are integers as long as they are exact. */
static void check_number(lua_State *L, double number) {
  bool whole = floor(number) == number && fabs(number) < 9007199254740992.0;
  PROMISE(lua_isinteger(L, -1) == whole);
}

static void check_value(lua_State *L, int depth) {
  switch (lua_type(L, -1)) {
    case LUA_TTABLE: check_table(L, depth); break;
    case LUA_TSTRING: check_text(L, -1); break;
    case LUA_TNUMBER: check_number(L, lua_tonumber(L, -1)); break;
    case LUA_TNIL:
    case LUA_TBOOLEAN: break;
    default: PROMISE(!"a value of another type");
  }
}

/* What is said to be a token is one. */
static void check_token(lua_State *L) {
  size_t size;
  PROMISE(lua_istable(L, -1));
  lua_getfield(L, -1, "token");
  const char *token = lua_tolstring(L, -1, &size);
  PROMISE(token != NULL && apv_token_is_valid(token, size));
  lua_getfield(L, -2, "ttl");
  PROMISE(lua_isinteger(L, -1) && lua_tointeger(L, -1) >= 0);
  lua_getfield(L, -3, "created_at");
  PROMISE(lua_type(L, -1) == LUA_TSTRING);
  lua_getfield(L, -4, "expires_at");
  PROMISE(lua_isnil(L, -1) || lua_type(L, -1) == LUA_TSTRING);
  lua_pop(L, 4);
}

static void check_page(lua_State *L) {
  lua_getfield(L, -1, "data");
  for (int i = 1; i <= (int)lua_rawlen(L, -1); i++) {
    lua_rawgeti(L, -1, i);
    check_token(L);
    lua_pop(L, 1);
  }
  lua_getfield(L, -2, "pagination");
  lua_getfield(L, -1, "current_page_items");
  PROMISE(lua_tointeger(L, -1) == (lua_Integer)lua_rawlen(L, -3));
  lua_pop(L, 3);
}

/* What is decoded as an answer to the operation has its shape. */
static void decode_answer(
  lua_State *L, struct apv_slice text, enum apv_operation operation
) {
  int top = lua_gettop(L);
  const char *problem = apvl_decode(L, text, apvl_shape_of(operation));
  PROMISE(lua_gettop(L) == top + 1);
  PROMISE(problem == NULL || lua_isnil(L, -1));
  check_value(L, 1);
  if (problem == NULL && operation == APV_GET_TOKEN) check_token(L);
  if (problem == NULL && operation == APV_LIST) check_page(L);
  lua_pop(L, 1);
}

/* decode(text) → nothing */
static int decode(lua_State *L) {
  struct apv_slice text;
  text.data = lua_tolstring(L, 1, &text.size);
  has_escapes = memchr(text.data, '\\', text.size) != NULL;
  for (int i = 0; i < APV_OPERATION_COUNT; i++) {
    decode_answer(L, text, (enum apv_operation)i);
  }
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  lua_State *L = fuzz_lua();
  lua_pushcfunction(L, decode);
  lua_pushlstring(L, (const char *)data, size);
  int status = lua_pcall(L, 1, 0, 0);
  PROMISE(status == LUA_OK && lua_gettop(L) == 0);
  fuzz_settle(L);
  return 0;
}
