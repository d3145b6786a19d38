/* Keeps secrets out of whatever people may read. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* Shorter secrets are not shown in part; shorter runs are taken for words. */
enum { SHOWN_FROM = 16, SUSPICIOUS_FROM = 16 };

static const char HIDDEN[] = "…";

void apv_mask(const char *secret, size_t size, char out[APV_MASK_SIZE]) {
  if (size < SHOWN_FROM) {
    snprintf(out, APV_MASK_SIZE, "%s", HIDDEN);
  } else {
    const char *end = secret + size - 3;
    snprintf(out, APV_MASK_SIZE, "%.4s%s%.3s", secret, HIDDEN, end);
  }
}

static bool is_capital_or_digit(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* The size of what `text` starts with if it looks like a credential, or 0:
** keys and tokens of the service, base64, the parts of a JSON web token. They
** are long, and of more than the small letters of the service's own names. */
static size_t suspicious_size(struct apv_slice text) {
  bool mixed = false;
  size_t size = 0;
  for (; size < text.size; size++) {
    char c = text.data[size];
    bool small = (c >= 'a' && c <= 'z') || c == '_';
    if (!small && !is_capital_or_digit(c)) break;
    mixed = mixed || !small;
  }
  return mixed && size >= SUSPICIOUS_FROM ? size : 0;
}

/* The size of the secret that `text` starts with, or 0. */
static size_t starts_with(struct apv_slice text, const char *secret) {
  if (secret == NULL || *secret == '\0') return 0;
  size_t size = strlen(secret);
  if (size > text.size || memcmp(text.data, secret, size) != 0) return 0;
  return size;
}

/* Secrets of which nothing is shown. */
static size_t hidden_secret(const apv_call *call, struct apv_slice text) {
  if (call == NULL) return 0;
  size_t size = starts_with(text, call->secret);
  if (size == 0) size = starts_with(text, call->credentials->secret);
  if (size == 0) size = starts_with(text, call->credentials->api_key);
  return size;
}

/* The call's upload token, and whatever looks like a credential. */
static size_t masked_secret(const apv_call *call, struct apv_slice text) {
  size_t size = call ? starts_with(text, call->token) : 0;
  return size > 0 ? size : suspicious_size(text);
}

/* The next character of `text` as people may read it: control characters
** become spaces and what is not UTF-8 a question mark. Returns how many bytes
** of the text it takes. */
static size_t readable(struct apv_slice text, struct apv_slice *character) {
  size_t size = apv_utf8_size(text);
  if (size == 0) {
    *character = (struct apv_slice){"?", 1};
    return 1;
  }
  bool control = (unsigned char)*text.data < 0x20 || *text.data == 0x7f;
  *character = (struct apv_slice){control ? " " : text.data, size};
  return size;
}

size_t apv_redact(
  const apv_call *call, struct apv_slice text, char *out, size_t size
) {
  size_t length = 0;
  char mask[APV_MASK_SIZE];
  while (text.size > 0) {
    struct apv_slice piece;
    size_t taken = hidden_secret(call, text);
    if (taken > 0) {
      piece = (struct apv_slice){HIDDEN, sizeof HIDDEN - 1};
    } else if ((taken = masked_secret(call, text)) > 0) {
      apv_mask(text.data, taken, mask);
      piece = (struct apv_slice){mask, strlen(mask)};
    } else {
      taken = readable(text, &piece);
    }
    if (length + piece.size >= size) break;
    memcpy(out + length, piece.data, piece.size);
    length += piece.size;
    text.data += taken;
    text.size -= taken;
  }
  out[length] = '\0';
  return length;
}
