/* JSON, by an instance of lua-cjson that is ours alone, so that the host's
** settings and ours never meet. */
#include <math.h>
#include <string.h>

#include "binding.h"

static const char DECODE[] = "apivideo.json.decode";
static const char ENCODE[] = "apivideo.json.encode";

enum { MOST_DEPTH = 64, LONGEST_KEY = 64 };

/* From here on a double may stand for several integers. */
static const double LARGEST_INTEGER = 9007199254740992.0;

/* Calls the instance's function `name` with one value: [-1, +0]. */
static void configure(lua_State *L, int instance, const char *name) {
  lua_getfield(L, instance, name);
  lua_insert(L, -2);
  lua_call(L, 1, 0);
}

void apvl_open_json(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "new");
  lua_call(L, 0, 1);
  int instance = lua_gettop(L);
  lua_pushinteger(L, MOST_DEPTH);
  configure(L, instance, "decode_max_depth");
  lua_pushboolean(L, 0);
  configure(L, instance, "decode_invalid_numbers");
  lua_getfield(L, instance, "decode");
  lua_setfield(L, LUA_REGISTRYINDEX, DECODE);
  lua_getfield(L, instance, "encode");
  lua_setfield(L, LUA_REGISTRYINDEX, ENCODE);
  lua_pop(L, 2);
}

/* --- from the service's names and numbers to Lua's ------------------------ */

static bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

/* A capital starts a word unless it goes on with an abbreviation: createdAt,
** mp4Support, HTTPStatus, videoID. */
static bool starts_word(const char *name, size_t i) {
  if (i == 0 || name[i - 1] == '_') return false;
  return !is_upper(name[i - 1]) || is_lower(name[i + 1]);
}

/* [-0, +1] The key at `index` in snake_case; overlong ones as they are. */
static void push_name(lua_State *L, int index) {
  char name[2 * LONGEST_KEY];
  size_t size, length = 0;
  if (lua_type(L, index) != LUA_TSTRING) {
    lua_pushvalue(L, index);
    return;
  }
  const char *key = lua_tolstring(L, index, &size);
  if (size > LONGEST_KEY) {
    lua_pushvalue(L, index);
    return;
  }
  for (size_t i = 0; i < size; i++) {
    if (!is_upper(key[i])) {
      name[length++] = key[i];
      continue;
    }
    if (starts_word(key, i)) name[length++] = '_';
    name[length++] = (char)(key[i] - 'A' + 'a');
  }
  lua_pushlstring(L, name, length);
}

/* [-1, +1] Makes a whole number an integer where Lua has them; lua-cjson
** gives floats or integers, depending on its version. */
static const char *convert_number(lua_State *L) {
  double number = lua_tonumber(L, -1);
  if (floor(number) != number) return NULL;
  if (fabs(number) >= LARGEST_INTEGER) return "an integer is beyond 2^53";
#if LUA_VERSION_NUM >= 503
  lua_pop(L, 1);
  lua_pushinteger(L, (lua_Integer)number);
#endif
  return NULL;
}

/* `*names` is how many names of fields were met. */
static const char *convert(lua_State *L, long *names);

/* [-0, +1] Room for about what the table at `from` holds. */
static void push_table_for(lua_State *L, int from) {
  enum { FIELDS = 4 }; /* of a token */
  int items = (int)lua_rawlen(L, from);
  lua_pushnil(L);
  bool empty = lua_next(L, from) == 0;
  if (!empty) lua_pop(L, 2);
  lua_createtable(L, items, items > 0 || empty ? 0 : FIELDS);
}

static const char NAME_TWICE[] = "a name comes twice";

static bool has_key(lua_State *L, int table, int key) {
  lua_pushvalue(L, key);
  lua_rawget(L, table);
  bool has = !lua_isnil(L, -1);
  lua_pop(L, 1);
  return has;
}

/* [-1, +1] A new table: tables cannot get new keys while they are walked. */
static const char *convert_table(lua_State *L, long *names) {
  apvl_reserve(L, 6);
  int from = lua_gettop(L);
  int to = from + 1;
  push_table_for(L, from);
  lua_pushnil(L);
  while (lua_next(L, from) != 0) {
    if (lua_type(L, to + 1) == LUA_TSTRING) ++*names;
    push_name(L, to + 1);
    lua_insert(L, -2);
    const char *problem = convert(L, names);
    if (problem == NULL && has_key(L, to, -2)) problem = NAME_TWICE;
    if (problem != NULL) {
      lua_settop(L, from);
      return problem;
    }
    lua_rawset(L, to);
  }
  lua_remove(L, from);
  return NULL;
}

/* [-1, +1] Replaces the value at the top; NULL or what is wrong. */
static const char *convert(lua_State *L, long *names) {
  switch (lua_type(L, -1)) {
    case LUA_TTABLE: return convert_table(L, names);
    case LUA_TNUMBER: return convert_number(L);
    case LUA_TLIGHTUSERDATA: /* cjson.null */
      lua_pop(L, 1);
      lua_pushnil(L);
      return NULL;
    default: return NULL;
  }
}

/* How many names of fields valid JSON has: a colon outside of strings follows
** each. lua-cjson keeps the last of two fields of one name; then the tables
** hold fewer than the text. */
static long count_names(struct apv_slice json) {
  long names = 0;
  bool in_string = false;
  for (size_t i = 0; i < json.size; i++) {
    char c = json.data[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\') i++;
    if (!in_string && c == ':') names++;
  }
  return names;
}

/* [-1, +1] The decoded value at the top in our terms; NULL or what is wrong. */
static const char *convert_all(lua_State *L, struct apv_slice json) {
  long names = 0;
  const char *problem = convert(L, &names);
  if (problem != NULL) return problem;
  return names == count_names(json) ? NULL : NAME_TWICE;
}

/* Whether the error at the top is lua-cjson's own. */
static bool is_about_json(lua_State *L) {
  static const char *const starts[] = {"Expected ", "Found ", "JSON "};
  if (lua_type(L, -1) != LUA_TSTRING) return false;
  const char *message = lua_tostring(L, -1);
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    if (strncmp(message, starts[i], strlen(starts[i])) == 0) return true;
  }
  return false;
}

/* Control characters that JSON allows nowhere; lua-cjson takes those in texts,
** and a zero for the end. */
static bool has_controls(struct apv_slice text) {
  for (size_t i = 0; i < text.size; i++) {
    unsigned char c = (unsigned char)text.data[i];
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return true;
  }
  return false;
}

const char *apvl_decode(lua_State *L, struct apv_slice text) {
  const char *problem = NULL;
  if (text.size == 0) {
    problem = "it is empty";
  } else if (!apv_is_utf8(text)) {
    problem = "it is not UTF-8";
  } else if (has_controls(text)) {
    problem = "it is not JSON";
  } else {
    lua_getfield(L, LUA_REGISTRYINDEX, DECODE);
    lua_pushlstring(L, text.data, text.size);
    if (lua_pcall(L, 1, 1, 0) == 0) {
      problem = convert_all(L, text);
    } else if (is_about_json(L)) {
      problem = "it is not JSON";
    } else {
      lua_error(L); /* no memory, an interrupt, an error of a hook */
    }
    if (problem != NULL) lua_pop(L, 1);
  }
  if (problem != NULL) lua_pushnil(L);
  return problem;
}

void apvl_push_object(lua_State *L, const char *name, const char *text) {
  lua_getfield(L, LUA_REGISTRYINDEX, ENCODE);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
  lua_call(L, 1, 1);
}
