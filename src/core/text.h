/* Letters of ASCII, UTF-8, and which texts are allowed where. */
#ifndef APV_TEXT_H
#define APV_TEXT_H

#include "apv.h"

APV_HIDDEN

static inline bool apv_is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

static inline bool apv_is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}

static inline bool apv_is_digit(char c) {
  return c >= '0' && c <= '9';
}

static inline char apv_lower(char c) {
  return apv_is_upper(c) ? (char)(c - 'A' + 'a') : c;
}

/* The value of a hexadecimal digit; -1: it is none. */
static inline int apv_hex_digit(char c) {
  char lower = apv_lower(c);
  if (apv_is_digit(c)) return c - '0';
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* What keys, tokens and ids of the service are written with. */
static inline bool apv_is_token_byte(char c) {
  return apv_is_lower((char)(c | 0x20)) || apv_is_digit(c) || c == '_' ||
         c == '-';
}

/* Bytes of the UTF-8 character that `text` starts with; 0: it is none. */
size_t apv_utf8_size(struct apv_slice text);
bool apv_is_utf8(struct apv_slice text);
/* Why it is no key and no path, as the end of a sentence; NULL: it may be. */
const char *apv_text_problem(const char *text);

APV_SHOWN

#endif
