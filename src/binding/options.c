/* Reads single options of a table, and raises misuse that says what is wrong
** with one. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "../core/text.h"
#include "binding.h"

int apvl_misuse(
  lua_State *L, struct apvl_place place, const char *format, ...
) {
  va_list arguments;
  luaL_where(L, 1);
  lua_pushfstring(
    L, "bad argument #%d to '%s' (", place.argument, place.method
  );
  va_start(arguments, format);
  lua_pushvfstring(L, format, arguments);
  va_end(arguments);
  lua_pushliteral(L, ")");
  lua_concat(L, 4);
  return lua_error(L);
}

/* --- describing values ---------------------------------------------------- */

/* [-0, +1] The text in quotes, on one line, cut if it is long. What looks like
** a credential is masked: a caller may have put one in the wrong place. */
static const char *describe_text(lua_State *L, int index) {
  enum { SHOWN = 64 };
  char shown[SHOWN];
  struct apv_slice text;
  text.data = lua_tolstring(L, index, &text.size);
  apv_redact(NULL, text, shown, sizeof shown);
  return lua_pushfstring(L, "\"%s\"", shown);
}

/* [-0, +1] A number as Lua writes it, but with a point whatever the locale. */
static void describe_number(lua_State *L, int index) {
  static const char usual[] = "0123456789+-einfa.";
  char shown[64];
  size_t size = 0;
  if (isnan(lua_tonumber(L, index))) {
    lua_pushliteral(L, "nan"); /* C prints "-nan", too */
    return;
  }
  lua_pushvalue(L, index); /* lua_tostring() changes what it reads */
  for (const char *c = lua_tostring(L, -1); *c != '\0'; c++) {
    bool is_usual = strchr(usual, *c) != NULL;
    if (!is_usual && size > 0 && shown[size - 1] == '.') continue;
    if (size < sizeof shown) shown[size++] = is_usual ? *c : '.';
  }
  lua_pop(L, 1);
  lua_pushlstring(L, shown, size);
}

const char *apvl_describe(lua_State *L, int index) {
  int type = lua_type(L, index);
  if (type == LUA_TSTRING) return describe_text(L, index);
  if (type == LUA_TNUMBER) {
    describe_number(L, index);
  } else if (type == LUA_TBOOLEAN) {
    lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
  } else {
    lua_pushstring(L, lua_typename(L, type));
  }
  return lua_tostring(L, -1);
}

/* --- names ---------------------------------------------------------------- */

enum { LONGEST_NAME = 32 };

static int least(int a, int b) {
  return a < b ? a : b;
}

static bool same_letter(char a, char b) {
  return apv_lower(a) == apv_lower(b);
}

/* The edit distance of two names, regardless of case: how many letters must be
** added, left out, replaced, or swapped with their neighbour. It is
** LONGEST_NAME if one of them is longer than that. */
static int distance(const char *a, const char *b) {
  int slips[LONGEST_NAME + 1][LONGEST_NAME + 1];
  size_t a_size = strlen(a);
  size_t b_size = strlen(b);
  if (a_size > LONGEST_NAME || b_size > LONGEST_NAME) return LONGEST_NAME;
  for (size_t i = 0; i <= a_size; i++) slips[i][0] = (int)i;
  for (size_t j = 0; j <= b_size; j++) slips[0][j] = (int)j;
  for (size_t i = 1; i <= a_size; i++) {
    for (size_t j = 1; j <= b_size; j++) {
      int other = slips[i - 1][j - 1] + !same_letter(a[i - 1], b[j - 1]);
      int more = least(slips[i - 1][j], slips[i][j - 1]) + 1;
      slips[i][j] = least(other, more);
      if (i == 1 || j == 1) continue;
      bool swapped =
        same_letter(a[i - 1], b[j - 2]) && same_letter(a[i - 2], b[j - 1]);
      if (swapped) slips[i][j] = least(slips[i][j], slips[i - 2][j - 2] + 1);
    }
  }
  return slips[a_size][b_size];
}

void apvl_push_names(lua_State *L, const char *const *names) {
  lua_newtable(L);
  for (int i = 0; names[i] != NULL; i++) {
    lua_pushstring(L, names[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

void apvl_push_nearest(
  lua_State *L, const char *name, const char *const *names
) {
  const char *nearest = NULL;
  int smallest = least(4, (int)strlen(name) / 3 + 1);
  for (; *names != NULL; names++) {
    int far = distance(name, *names);
    if (far < smallest) {
      smallest = far;
      nearest = *names;
    }
  }
  lua_pushstring(L, nearest); /* NULL pushes nil */
}

/* Whether the key at `index` is one of the names. Its size is compared, too,
** since a key may hold a zero byte. */
static bool is_among(lua_State *L, int index, const char *const *names) {
  if (lua_type(L, index) != LUA_TSTRING) return false;
  size_t size;
  const char *name = lua_tolstring(L, index, &size);
  for (; *names != NULL; names++) {
    if (strlen(*names) == size && memcmp(name, *names, size) == 0) return true;
  }
  return false;
}

/* [-0, +1] Suggests the nearest of the names for an unknown one, or else lists
** all of them. */
static const char *push_advice(
  lua_State *L, const char *name, const char *const *names
) {
  if (name != NULL) {
    apvl_push_nearest(L, name, names);
    const char *nearest = lua_tostring(L, -1);
    if (nearest) return lua_pushfstring(L, "did you mean \"%s\"?", nearest);
  }
  luaL_Buffer list;
  luaL_buffinit(L, &list);
  luaL_addstring(&list, "known are ");
  for (int i = 0; names[i] != NULL; i++) {
    if (i > 0) luaL_addstring(&list, ", ");
    luaL_addstring(&list, names[i]);
  }
  luaL_pushresult(&list);
  return lua_tostring(L, -1);
}

int apvl_unknown(
  lua_State *L, struct apvl_place place, const char *what, int index,
  const char *const *names
) {
  const char *shown = apvl_describe(L, index);
  return apvl_misuse(
    L, place, "unknown %s %s; %s", what, shown,
    push_advice(L, lua_tostring(L, index), names)
  );
}

static int unknown_name(
  lua_State *L, struct apvl_place place, int key, const char *const *names
) {
  if (lua_type(L, key) != LUA_TSTRING) {
    return apvl_misuse(
      L, place, "options have names, got the key %s", apvl_describe(L, key)
    );
  }
  return apvl_unknown(L, place, "option", key, names);
}

void apvl_check_table(
  lua_State *L, int index, struct apvl_place place, const char *what
) {
  if (lua_istable(L, index)) return;
  /* By its type only: it may be a credential in the wrong place. */
  apvl_misuse(L, place, "%s, got a %s", what, luaL_typename(L, index));
}

void apvl_check_names(
  lua_State *L, int index, struct apvl_place place, const char *const *names
) {
  lua_pushnil(L);
  while (lua_next(L, index) != 0) {
    lua_pop(L, 1);
    int key = lua_gettop(L);
    if (!is_among(L, key, names)) unknown_name(L, place, key, names);
  }
}

const char *const apvl_call_option_names[] = {
  "timeout", "retries", "headers", "attempt_timeout", "idle_timeout", NULL,
};

void apvl_check_fields(
  lua_State *L, int index, struct apvl_place place, const char *const *names
) {
  for (const char *const *name = apvl_call_option_names; *name; name++) {
    lua_pushstring(L, *name);
    lua_rawget(L, index);
    if (!lua_isnil(L, -1)) {
      apvl_misuse(
        L, place, "\"%s\" is a call option: give it in the table behind", *name
      );
    }
    lua_pop(L, 1);
  }
  apvl_check_names(L, index, place, names);
}

/* --- values --------------------------------------------------------------- */

double apvl_number_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  double default_value, double lowest, double highest
) {
  lua_getfield(L, index, name);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return default_value;
  }
  double number = lua_tonumber(L, -1);
  bool allowed = lua_type(L, -1) == LUA_TNUMBER && number >= lowest &&
                 number <= highest && floor(number) == number;
  if (!allowed) {
    apvl_misuse(
      L, place, "%s must be an integer from %d to %d, got %s", name,
      (int)lowest, (int)highest, apvl_describe(L, -1)
    );
  }
  lua_pop(L, 1);
  return number;
}

double apvl_check_seconds(lua_State *L, int index) {
  double seconds = luaL_optnumber(L, index, 0);
  luaL_argcheck(
    L, seconds >= 0 && seconds <= APV_LONGEST_TIME, index,
    "seconds must be a number from 0 to 1000000"
  );
  return seconds;
}

/* `zero`: 0 is allowed. */
static double read_seconds(
  lua_State *L, int index, struct apvl_place place, const char *name,
  double default_value, bool zero
) {
  lua_getfield(L, index, name);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return default_value;
  }
  double seconds = lua_tonumber(L, -1);
  bool allowed = lua_type(L, -1) == LUA_TNUMBER &&
                 (zero ? seconds >= 0 : seconds > 0) &&
                 seconds <= APV_LONGEST_TIME;
  if (!allowed) {
    apvl_misuse(
      L, place, "%s must be a number of seconds %s up to 1000000, got %s", name,
      zero ? "from 0" : "above 0 and", apvl_describe(L, -1)
    );
  }
  lua_pop(L, 1);
  return seconds;
}

double apvl_seconds_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  double default_value
) {
  return read_seconds(L, index, place, name, default_value, false);
}

double apvl_patience_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  double default_value
) {
  return read_seconds(L, index, place, name, default_value, true);
}

const char *apvl_text_option(
  lua_State *L, int index, struct apvl_place place, const char *name
) {
  return apvl_text_field(L, index, place, name, name);
}

const char *apvl_text_field(
  lua_State *L, int index, struct apvl_place place, const char *field,
  const char *name
) {
  lua_getfield(L, index, field);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    return NULL;
  }
  if (lua_type(L, -1) != LUA_TSTRING) {
    apvl_misuse(
      L, place, "%s must be a string, got %s", name, apvl_describe(L, -1)
    );
  }
  size_t size;
  const char *text = lua_tolstring(L, -1, &size);
  if (!apv_text_is_valid(text, size)) {
    apvl_misuse(
      L, place, "%s must be UTF-8 without control characters or line ends", name
    );
  }
  return text;
}

/* It is never quoted: it may hold a password. */
const char *apvl_checked_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  enum apv_status (*check)(const char *text, const char **problem)
) {
  const char *problem;
  const char *text = apvl_text_option(L, index, place, name);
  if (text == NULL) return NULL;
  enum apv_status status = check(text, &problem);
  if (status == APV_NO_MEMORY) apvl_no_memory(L);
  if (status != APV_OK) apvl_misuse(L, place, "%s %s", name, problem);
  return text;
}
