/* The names of fields in snake_case. */
#include "binding.h"

enum { LONGEST_NAME = 64 };

static bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

static bool has_capital(struct apv_slice name) {
  for (size_t i = 0; i < name.size; i++) {
    if (is_upper(name.data[i])) return true;
  }
  return false;
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

void apvl_push_name(lua_State *L, struct apv_slice name) {
  char out[2 * LONGEST_NAME];
  if (name.size > LONGEST_NAME || !has_capital(name)) {
    lua_pushlstring(L, name.data, name.size);
  } else {
    lua_pushlstring(L, out, (size_t)(write_name(out, name) - out));
  }
}
