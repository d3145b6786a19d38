/* JSON, by an instance of lua-cjson that is ours alone, so that the host's
** settings and ours never meet. */
#include <math.h>
#include <string.h>

#include "binding.h"

static const char DECODE[] = "apivideo.json.decode";
static const char ENCODE[] = "apivideo.json.encode";

static const char NOT_JSON[] = "it is not JSON";

enum { MOST_DEPTH = 64, LONGEST_KEY = 64, SMALL = 512 };

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

/* --- before decoding: names ----------------------------------------------- */

static bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

/* A capital starts a word unless it goes on with an abbreviation: createdAt,
** mp4Support, HTTPStatus, videoID. */
static bool starts_word(struct apv_slice name, size_t i) {
  if (i == 0 || name.data[i - 1] == '_') return false;
  if (!is_upper(name.data[i - 1])) return true;
  return i + 1 < name.size && is_lower(name.data[i + 1]);
}

/* Writes a name in snake_case, at most twice as long; returns its end. */
static char *write_name(char *out, struct apv_slice name) {
  for (size_t i = 0; i < name.size; i++) {
    if (!is_upper(name.data[i])) {
      *out++ = name.data[i];
      continue;
    }
    if (starts_word(name, i)) *out++ = '_';
    *out++ = (char)(name.data[i] - 'A' + 'a');
  }
  return out;
}

/* Text that is JSON as far as one can tell without decoding. */
struct text {
  const char *in;
  const char *end;
  char *out; /* the same with names in snake_case */
  const char *name; /* the last string, which may turn out to be a name */
  char *name_out;
  long names; /* how many there were */
  bool controls; /* that JSON allows nowhere; lua-cjson takes them in texts, and
                 ** a zero for the end */
  bool ascii;
};

/* Passes over a string and its quotes. */
static void copy_string(struct text *it) {
  it->name = it->in;
  it->name_out = it->out;
  do {
    if (*it->in == '\\' && it->in + 1 < it->end) *it->out++ = *it->in++;
    if ((unsigned char)*it->in < 0x20) it->controls = true;
    if ((unsigned char)*it->in >= 0x80) it->ascii = false;
    *it->out++ = *it->in++;
  } while (it->in < it->end && *it->in != '"');
  if (it->in < it->end) *it->out++ = *it->in++;
}

/* A colon: the string before it is a name. One that is long or has escapes,
** which the service writes none of, stays as it is. */
static void rename_string(struct text *it) {
  it->names++;
  if (it->name == NULL) return;
  const char *name = it->name + 1;
  it->name = NULL; /* one colon is enough, however many there are */
  const char *quote = memchr(name, '"', (size_t)(it->in - name));
  if (quote == NULL) return;
  size_t size = (size_t)(quote - name);
  if (size > LONGEST_KEY || memchr(name, '\\', size) != NULL) return;
  it->out = write_name(it->name_out + 1, (struct apv_slice){name, size});
  memcpy(it->out, quote, (size_t)(it->in - quote));
  it->out += it->in - quote;
}

static void copy_text(struct text *it) {
  while (it->in < it->end) {
    if (*it->in == '"') {
      copy_string(it);
      continue;
    }
    unsigned char c = (unsigned char)*it->in;
    if (c == ':') rename_string(it);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') it->controls = true;
    if (c >= 0x80) it->ascii = false;
    *it->out++ = *it->in++;
  }
}

/* What is wrong with a text that was copied, or NULL. */
static const char *text_problem(const struct text *it, struct apv_slice json) {
  if (!it->ascii && !apv_is_utf8(json)) return "it is not UTF-8";
  return it->controls ? NOT_JSON : NULL;
}

/* [-0, +1] The text with names in snake_case, or nil and what is wrong.
** `*names` is how many names of fields it has. */
static const char *push_renamed(
  lua_State *L, struct apv_slice json, long *names
) {
  char small[2 * SMALL]; /* room for a token takes no memory of Lua's */
  bool is_small = json.size <= SMALL;
  char *out = is_small ? small : lua_newuserdata(L, 2 * json.size);
  struct text it = {.in = json.data, .end = json.data + json.size};
  it.out = out;
  it.ascii = true;
  copy_text(&it);
  *names = it.names;
  const char *problem = text_problem(&it, json);
  if (problem == NULL) {
    lua_pushlstring(L, out, (size_t)(it.out - out));
  } else {
    lua_pushnil(L);
  }
  if (!is_small) lua_remove(L, -2);
  return problem;
}

/* --- after decoding: numbers and null ------------------------------------- */

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

/* [-0, +0] Converts the values of the table at the top, and counts in `*names`
** the names of its fields. NULL, or what is wrong, and then something may be
** left on the stack. */
static const char *convert_table(lua_State *L, long *names) {
  apvl_reserve(L, 4);
  int table = lua_gettop(L);
  const char *problem = NULL;
  for (lua_pushnil(L); problem == NULL && lua_next(L, table) != 0;) {
    if (lua_type(L, -2) == LUA_TSTRING) ++*names;
    int type = lua_type(L, -1);
    if (type == LUA_TTABLE) {
      problem = convert_table(L, names);
    } else if (type == LUA_TNUMBER) {
      problem = convert_number(L);
      lua_pushvalue(L, -2);
      lua_insert(L, -2);
      lua_rawset(L, table);
      continue;
    } else if (type == LUA_TLIGHTUSERDATA) { /* cjson.null */
      lua_pushvalue(L, -2);
      lua_pushnil(L);
      lua_rawset(L, table);
    }
    lua_pop(L, 1);
  }
  return problem;
}

/* [-1, +1] The decoded value at the top in our terms; NULL or what is wrong.
** lua-cjson keeps the last of two fields of one name; then the tables hold
** fewer than the text. */
static const char *convert(lua_State *L, long names) {
  int top = lua_gettop(L);
  long found = 0;
  const char *problem = NULL;
  if (lua_istable(L, -1)) {
    problem = convert_table(L, &found);
  } else if (lua_type(L, -1) == LUA_TNUMBER) {
    problem = convert_number(L);
  } else if (lua_type(L, -1) == LUA_TLIGHTUSERDATA) {
    lua_pushnil(L);
    lua_replace(L, top);
  }
  lua_settop(L, top);
  if (problem != NULL) return problem;
  return found == names ? NULL : "a name comes twice";
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

/* [-1, +1] Decodes the text at the top; NULL or what is wrong. */
static const char *decode(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, DECODE);
  lua_insert(L, -2);
  if (lua_pcall(L, 1, 1, 0) == 0) return NULL;
  if (is_about_json(L)) return NOT_JSON;
  lua_error(L); /* no memory, an interrupt, an error of a hook */
  return NULL;
}

const char *apvl_decode(lua_State *L, struct apv_slice text) {
  long names = 0;
  if (text.size == 0) {
    lua_pushnil(L);
    return "it is empty";
  }
  const char *problem = push_renamed(L, text, &names);
  if (problem == NULL) problem = decode(L);
  if (problem == NULL) problem = convert(L, names);
  if (problem == NULL) return NULL;
  lua_pop(L, 1);
  lua_pushnil(L);
  return problem;
}

void apvl_push_object(lua_State *L, const char *name, const char *text) {
  lua_getfield(L, LUA_REGISTRYINDEX, ENCODE);
  lua_createtable(L, 0, 1);
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
  lua_call(L, 1, 1);
}
