/* JSON before it is decoded: its names in snake_case, what lua-cjson would take
** although no JSON has it, and what it refuses although JSON allows it. */
#include <stdint.h>
#include <string.h>

#include "../core/text.h"
#include "binding.h"

enum { LONGEST_NAME = 64, LONGEST_DEPTH = APVL_MOST_DEPTH + 1 };

/* --- names ---------------------------------------------------------------- */

static bool has_capital(struct apv_slice name) {
  for (size_t i = 0; i < name.size; i++) {
    if (apv_is_upper(name.data[i])) return true;
  }
  return false;
}

/* A capital starts a word unless it goes on with an abbreviation: createdAt,
** mp4Support, HTTPStatus, videoID. */
static bool starts_word(struct apv_slice name, size_t i) {
  if (i == 0 || name.data[i - 1] == '_') return false;
  if (!apv_is_upper(name.data[i - 1])) return true;
  return i + 1 < name.size && apv_is_lower(name.data[i + 1]);
}

/* Writes a name in snake_case, at most twice as long; returns its end. */
static char *write_name(char *out, struct apv_slice name) {
  for (size_t i = 0; i < name.size; i++) {
    if (!apv_is_upper(name.data[i])) {
      *out++ = name.data[i];
      continue;
    }
    if (starts_word(name, i)) *out++ = '_';
    *out++ = apv_lower(name.data[i]);
  }
  return out;
}

/* --- the text ------------------------------------------------------------- */

/* What a byte means. In strings the first three mean nothing. */
enum {
  PLAIN = '.',
  NUMBER = '0', /* a digit or a sign, with which a number starts */
  COLON = ':', /* ends a name */
  CONTROL = 'c',
  ESCAPE = 'e',
  HIGH = 'h', /* a part of UTF-8 */
  QUOTE = 'q',
  SPACE = 's'
};

static const char MEANINGS[] =
  "cccccccccssccscccccccccccccccccc" /* tab, line feed, carriage return */
  "..q..........0..0000000000:....." /* ", -, digits and : */
  "............................e..." /* the backslash */
  "................................"
  "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"
  "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"
  "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"
  "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh";

static char meaning(const char *c) {
  return MEANINGS[(unsigned char)*c];
}

/* Text that is JSON as far as one can tell without decoding. */
struct text {
  const char *in;
  const char *end;
  const char *written; /* up to here, with names in snake_case, to `out` */
  char *out;
  struct apv_slice name; /* the last string, if it may turn out to be one */
  bool escaped; /* it has escapes */
  long names; /* how many there were */
  bool controls; /* there are bytes that JSON allows nowhere there: lua-cjson
                 ** takes control characters in texts, and a zero for the end */
  bool ascii;
  bool spaced; /* a space parts a number from a comma behind it */
};

static void write_to(struct text *it, const char *end) {
  size_t size = (size_t)(end - it->written);
  memcpy(it->out, it->written, size);
  it->out += size;
  it->written = end;
}

/* Where a run of bytes that mean nothing special in a string ends. */
static const char *skip_plain(const char *in, const char *end) {
  while (in < end && meaning(in) <= COLON) in++;
  return in;
}

/* Passes over a string, from behind one quote to behind the other. */
static void pass_string(struct text *it) {
  const char *start = it->in;
  it->escaped = false;
  while ((it->in = skip_plain(it->in, it->end)) < it->end) {
    char c = meaning(it->in);
    if (c == QUOTE) break;
    if (c == ESCAPE) {
      it->escaped = true;
      if (it->in + 1 < it->end) c = meaning(++it->in);
    }
    if (c == CONTROL || c == SPACE) it->controls = true;
    if (c == HIGH) it->ascii = false;
    it->in++;
  }
  it->name.data = start;
  it->name.size = (size_t)(it->in - start);
  if (it->in < it->end) it->in++;
}

/* At a colon: the string before it is a name. One that is long or has escapes,
** which the service writes none of, stays as it is. */
static void end_name(struct text *it) {
  struct apv_slice name = it->name;
  it->names++;
  it->name.data = NULL; /* one colon is enough, however many there are */
  if (name.data == NULL || name.size > LONGEST_NAME) return;
  if (it->escaped || !has_capital(name)) return;
  write_to(it, name.data);
  it->out = write_name(it->out, name);
  it->written = name.data + name.size;
}

static const char *skip_digits(const char *in, const char *end) {
  while (in < end && apv_is_digit(*in)) in++;
  return in;
}

/* Passes over a number, from its first byte on. lua-cjson takes some that no
** JSON has: "-.5", "1.", "0.e1". */
static void pass_number(struct text *it) {
  const char *in = it->in, *end = it->end;
  if (*in == '-') in++;
  const char *digits = in;
  in = skip_digits(in, end);
  bool good = in > digits;
  if (in < end && *in == '.') {
    digits = ++in;
    in = skip_digits(in, end);
    good = good && in > digits;
  }
  it->in = in;
  if (!good) it->controls = true;
  if (it->spaced && in < end && *in == ',') {
    write_to(it, in);
    *it->out++ = ' ';
  }
}

static void pass_text(struct text *it) {
  while (it->in < it->end) {
    char c = meaning(it->in);
    if (c == NUMBER) {
      pass_number(it);
      continue;
    }
    if (c == COLON) end_name(it);
    if (c == CONTROL) it->controls = true;
    if (c == HIGH) it->ascii = false;
    it->in++;
    if (c == QUOTE) pass_string(it);
  }
  write_to(it, it->end);
}

const char *apvl_rename(
  struct apv_slice json, bool spaced, char *out, size_t *size, long *names
) {
  struct text it = {.in = json.data, .end = json.data + json.size};
  it.written = it.in;
  it.out = out;
  it.ascii = true;
  it.spaced = spaced;
  pass_text(&it);
  *size = (size_t)(it.out - out);
  *names = it.names;
  if (!it.ascii && !apv_is_utf8(json)) return "it is not UTF-8";
  return it.controls ? "it is not JSON" : NULL;
}

/* --- halves of pairs ------------------------------------------------------ */

/* The code of the escape "\uXXXX" at `in`, or below 0. */
static int escaped_code(const char *in, const char *end) {
  int code = 0;
  if (end - in < 6 || in[0] != '\\' || in[1] != 'u') return -1;
  for (int i = 2; i < 6; i++) {
    int digit = apv_hex_digit(in[i]);
    if (digit < 0) return -1;
    code = code * 16 + digit;
  }
  return code;
}

static bool is_high(int code) {
  return code >= 0xd800 && code <= 0xdbff;
}

static bool is_low(int code) {
  return code >= 0xdc00 && code <= 0xdfff;
}

void apvl_mend(char *json, size_t size) {
  const char *end = json + size;
  for (char *in = json; in < end;) {
    int code = escaped_code(in, end);
    if (is_high(code) && is_low(escaped_code(in + 6, end))) {
      in += 12;
      continue;
    }
    if (is_high(code) || is_low(code)) memcpy(in + 2, "fffd", 4);
    in += *in == '\\' ? 2 : 1;
  }
}

/* --- names that come twice ------------------------------------------------ */

/* What is known of the names in an object, and in those around it. */
struct seen {
  uint64_t names[LONGEST_DEPTH];
  bool known[LONGEST_DEPTH]; /* the field at hand, and all around it, are */
  int depth;
  bool twice;
};

/* Writes a name that has escapes as it is without them; 0: none of ours. */
static size_t write_escaped(char out[LONGEST_NAME], struct apv_slice name) {
  const char *in = name.data, *end = in + name.size;
  size_t size = 0;
  for (; in < end; size++) {
    int code = *in == '\\' ? escaped_code(in, end) : *in;
    if (code <= 0 || code > 127 || size == LONGEST_NAME) return 0;
    in += *in == '\\' ? 6 : 1;
    out[size] = (char)code;
  }
  return size;
}

/* The number of the name before a colon, as it is once it is decoded. */
static int number_of_name(
  const struct text *it, int (*number_of)(struct apv_slice name)
) {
  char text[2 * LONGEST_NAME];
  struct apv_slice name = {text, 0};
  if (it->escaped) {
    name.size = write_escaped(text, it->name);
  } else if (it->name.size <= LONGEST_NAME) {
    name.size = (size_t)(write_name(text, it->name) - text);
  }
  return number_of(name);
}

/* What an unknown field holds may have any names. */
static void see_name(struct seen *seen, int number) {
  bool *known = &seen->known[seen->depth];
  *known = number >= 0 && seen->depth > 0 && known[-1];
  if (!*known) return;
  uint64_t bit = (uint64_t)1 << number;
  if (seen->names[seen->depth] & bit) seen->twice = true;
  seen->names[seen->depth] |= bit;
}

bool apvl_repeats(
  struct apv_slice json, int (*number_of)(struct apv_slice name)
) {
  struct text it = {.in = json.data, .end = json.data + json.size};
  struct seen seen = {.known = {true}};
  while (it.in < it.end) {
    char c = *it.in++;
    if (c == '"') pass_string(&it);
    if (c == ':') see_name(&seen, number_of_name(&it, number_of));
    if (c == '{' && seen.depth + 1 < LONGEST_DEPTH) {
      seen.names[++seen.depth] = 0;
    }
    if (c == '}' && seen.depth > 0) seen.depth--;
  }
  return seen.twice;
}
