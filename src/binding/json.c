/* JSON as Lua's values: names in snake_case, null as a light userdata, numbers
** as doubles. It asks no locale, and takes what RFC 8259 takes. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "binding.h"

enum { MOST_DEPTH = 64 };

struct parser {
  lua_State *L;
  const char *in;
  const char *end;
  int depth;
  const char *problem; /* that is not the syntax, or NULL */
};

static void skip_space(struct parser *it) {
  while (it->in < it->end && *it->in != '\0' &&
         strchr(" \t\r\n", *it->in) != NULL) {
    it->in++;
  }
}

/* Passes over one character, if it comes next. */
static bool take(struct parser *it, char c) {
  if (it->in == it->end || *it->in != c) return false;
  it->in++;
  return true;
}

static bool is_digit(const struct parser *it) {
  return it->in < it->end && *it->in >= '0' && *it->in <= '9';
}

/* --- numbers -------------------------------------------------------------- */

/* A decimal: digits * 10^exponent. Digits that a double cannot show are left
** out. */
struct decimal {
  uint64_t digits;
  long exponent;
};

/* Takes digits; `behind` is -1 behind the point, where each counts a tenth. */
static bool take_digits(struct parser *it, struct decimal *number, int behind) {
  static const uint64_t most = UINT64_MAX / 10 - 1;
  if (!is_digit(it)) return false;
  for (; is_digit(it); it->in++) {
    if (number->digits <= most) {
      number->digits = 10 * number->digits + (uint64_t)(*it->in - '0');
      number->exponent += behind;
    } else {
      number->exponent += behind + 1;
    }
  }
  return true;
}

static bool take_exponent(struct parser *it, struct decimal *number) {
  enum { LARGEST = 100000 };
  long exponent = 0;
  bool minus = take(it, '-');
  if (!minus) take(it, '+');
  if (!is_digit(it)) return false;
  for (; is_digit(it); it->in++) {
    if (exponent < LARGEST) exponent = 10 * exponent + (*it->in - '0');
  }
  number->exponent += minus ? -exponent : exponent;
  return true;
}

/* Exact for all integers of a double, and all but exact for the others. */
static double value_of(const struct decimal *number) {
  enum { LARGEST = 400 };
  long double value = (long double)number->digits, power = 1, ten = 10;
  long exponent = labs(number->exponent);
  if (number->digits == 0) return 0;
  if (exponent > LARGEST) exponent = LARGEST;
  for (; exponent > 0; exponent /= 2, ten *= ten) {
    if (exponent % 2 == 1) power *= ten;
  }
  return (double)(number->exponent < 0 ? value / power : value * power);
}

static bool push_number(struct parser *it) {
  struct decimal number = {0, 0};
  bool minus = take(it, '-');
  if (!take(it, '0') && !take_digits(it, &number, 0)) return false;
  if (take(it, '.') && !take_digits(it, &number, -1)) return false;
  if (take(it, 'e') || take(it, 'E')) {
    if (!take_exponent(it, &number)) return false;
  }
  double value = value_of(&number);
  lua_pushnumber(it->L, minus ? -value : value);
  return true;
}

/* --- strings -------------------------------------------------------------- */

/* The four digits at `in`, or -1. */
static long read_hex(const char *in, const char *end) {
  static const char digits[] = "0123456789abcdefABCDEF";
  long value = 0;
  if (end - in < 4) return -1;
  for (int i = 0; i < 4; i++) {
    const char *digit = in[i] ? strchr(digits, in[i]) : NULL;
    if (digit == NULL) return -1;
    long index = digit - digits;
    value = 16 * value + (index < 16 ? index : index - 6);
  }
  return value;
}

/* Writes a character as UTF-8; returns its end. */
static char *write_utf8(char *out, long c) {
  if (c < 0x80) {
    *out++ = (char)c;
  } else if (c < 0x800) {
    *out++ = (char)(0xC0 | c >> 6);
    *out++ = (char)(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    *out++ = (char)(0xE0 | c >> 12);
    *out++ = (char)(0x80 | (c >> 6 & 0x3F));
    *out++ = (char)(0x80 | (c & 0x3F));
  } else {
    *out++ = (char)(0xF0 | c >> 18);
    *out++ = (char)(0x80 | (c >> 12 & 0x3F));
    *out++ = (char)(0x80 | (c >> 6 & 0x3F));
    *out++ = (char)(0x80 | (c & 0x3F));
  }
  return out;
}

/* The character behind \u at `*in`, of one or two escapes, or -1. */
static long read_unicode(const char **in, const char *end) {
  long c = read_hex(*in, end);
  if (c < 0) return -1;
  *in += 4;
  if (c < 0xD800 || c > 0xDFFF) return c;
  if (c > 0xDBFF || end - *in < 6 || (*in)[0] != '\\' || (*in)[1] != 'u') {
    return -1;
  }
  long low = read_hex(*in + 2, end);
  if (low < 0xDC00 || low > 0xDFFF) return -1;
  *in += 6;
  return 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
}

/* Writes the text without its escapes to `out`, which has room for as much;
** returns its end, or NULL. */
static char *unescape(const char *in, const char *end, char *out) {
  static const char escapes[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  while (in < end) {
    if (*in != '\\') {
      *out++ = *in++;
      continue;
    }
    char c = in[1]; /* a quote ends it, so there is one */
    in += 2;
    const char *escape = c ? strchr(escapes, c) : NULL;
    if (escape != NULL) {
      *out++ = meant[escape - escapes];
    } else {
      long code = c == 'u' ? read_unicode(&in, end) : -1;
      if (code < 0) return NULL;
      out = write_utf8(out, code);
    }
  }
  return out;
}

/* A string whose first quote was taken. */
static bool push_string(struct parser *it, bool is_name) {
  lua_State *L = it->L;
  bool plain = true;
  struct apv_slice text = {.data = it->in, .size = 0};
  while (it->in < it->end && *it->in != '"') {
    if ((unsigned char)*it->in < ' ') return false;
    if (*it->in == '\\') {
      plain = false;
      if (++it->in == it->end) return false;
    }
    it->in++;
  }
  text.size = (size_t)(it->in - text.data);
  if (!take(it, '"')) return false;
  if (!plain) {
    char *out = lua_newuserdata(L, text.size);
    const char *end = unescape(text.data, text.data + text.size, out);
    if (end == NULL) return false;
    lua_pushlstring(L, out, (size_t)(end - out));
    lua_remove(L, -2);
  } else if (is_name) {
    apvl_push_name(L, text);
  } else {
    lua_pushlstring(L, text.data, text.size);
  }
  return true;
}

/* --- values --------------------------------------------------------------- */

static bool push_value(struct parser *it);

static bool push_list(struct parser *it) {
  lua_newtable(it->L);
  skip_space(it);
  if (take(it, ']')) return true;
  for (int i = 1;; i++) {
    if (!push_value(it)) return false;
    lua_rawseti(it->L, -2, i);
    if (take(it, ']')) return true;
    if (!take(it, ',')) return false;
  }
}

/* [-2, +0] Of two fields with one name the last one counts; one that we look at
** must not come twice, since nobody could tell which is meant. */
static void set_field(struct parser *it) {
  lua_pushvalue(it->L, -2);
  lua_rawget(it->L, -4);
  if (!lua_isnil(it->L, -1) && apvl_knows_name(it->L, -3)) {
    it->problem = "a name comes twice";
  }
  lua_pop(it->L, 1);
  lua_rawset(it->L, -3);
}

static bool push_object(struct parser *it) {
  lua_newtable(it->L);
  skip_space(it);
  if (take(it, '}')) return true;
  for (;;) {
    skip_space(it);
    if (!take(it, '"') || !push_string(it, true)) return false;
    skip_space(it);
    if (!take(it, ':') || !push_value(it)) return false;
    set_field(it);
    if (take(it, '}')) return true;
    if (!take(it, ',')) return false;
  }
}

static bool push_nested(struct parser *it, bool (*push)(struct parser *)) {
  if (it->depth == MOST_DEPTH) return false;
  apvl_reserve(it->L, 8);
  it->depth++;
  bool is_good = push(it);
  it->depth--;
  return is_good;
}

static bool take_word(struct parser *it, const char *word) {
  size_t size = strlen(word);
  if ((size_t)(it->end - it->in) < size) return false;
  if (memcmp(it->in, word, size) != 0) return false;
  it->in += size;
  return true;
}

static bool push_word(struct parser *it) {
  if (take_word(it, "true")) {
    lua_pushboolean(it->L, 1);
  } else if (take_word(it, "false")) {
    lua_pushboolean(it->L, 0);
  } else if (take_word(it, "null")) {
    lua_pushlightuserdata(it->L, NULL);
  } else {
    return false;
  }
  return true;
}

/* [-0, +1] The next value, with the space around it. If it is none, false, and
** whatever else was pushed. */
static bool push_value(struct parser *it) {
  bool is_good;
  skip_space(it);
  if (take(it, '{')) {
    is_good = push_nested(it, push_object);
  } else if (take(it, '[')) {
    is_good = push_nested(it, push_list);
  } else if (take(it, '"')) {
    is_good = push_string(it, false);
  } else if (is_digit(it) || (it->in < it->end && *it->in == '-')) {
    is_good = push_number(it);
  } else {
    is_good = push_word(it);
  }
  skip_space(it);
  return is_good;
}

/* --- answers -------------------------------------------------------------- */

const char *apvl_decode(
  lua_State *L, struct apv_slice text, const struct apvl_shape *shape
) {
  const char *problem = NULL;
  int top = lua_gettop(L);
  struct parser it = {.L = L, .in = text.data, .end = text.data + text.size};
  apvl_reserve(L, 8);
  if (text.size == 0) {
    problem = "it is empty";
  } else if (!apv_is_utf8(text)) {
    problem = "it is not UTF-8";
  } else {
    take_word(&it, "\xEF\xBB\xBF"); /* a byte order mark */
    bool is_json = push_value(&it) && it.in == it.end;
    problem = is_json ? it.problem : "it is not JSON";
  }
  if (problem == NULL) problem = apvl_read_answer(L, shape);
  if (problem == NULL) return NULL;
  lua_settop(L, top);
  lua_pushnil(L);
  return problem;
}

void apvl_push_object(lua_State *L, const char *name, const char *text) {
  luaL_Buffer json;
  luaL_buffinit(L, &json);
  luaL_addstring(&json, "{\"");
  luaL_addstring(&json, name);
  luaL_addstring(&json, "\":\"");
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\') luaL_addchar(&json, '\\');
    luaL_addchar(&json, *text);
  }
  luaL_addstring(&json, "\"}");
  luaL_pushresult(&json);
}
