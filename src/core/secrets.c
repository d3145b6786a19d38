/* Keeps secrets out of whatever people may read. */
#include "secrets.h"

#include <stdio.h>
#include <string.h>

#include "text.h"

enum {
  SHOWN_FROM = 16, /* bytes; shorter secrets are masked entirely */
  SUSPICIOUS_FROM = 16, /* shorter runs are not treated as secrets */
  TOKEN_FROM = 8, /* shorter upload tokens are masked as whole words only */
  CUT_FROM = 4 /* that many bytes of a secret, where a text was cut */
};

static const char HIDDEN[] = "…";

void apv_mask(const char *secret, size_t size, char out[APV_MASK_SIZE]) {
  if (size < SHOWN_FROM) {
    snprintf(out, APV_MASK_SIZE, "%s", HIDDEN);
  } else {
    const char *end = secret + size - 3;
    snprintf(out, APV_MASK_SIZE, "%.4s%s%.3s", secret, HIDDEN, end);
  }
}

static size_t run_size(struct apv_slice text) {
  size_t size = 0;
  while (size < text.size && apv_is_token_byte(text.data[size])) size++;
  return size;
}

/* Long, and with a digit or letters of both cases: neither the names of the
** service's problems nor those of constants are. */
static bool is_suspicious(const char *run, size_t size) {
  bool lower = false, upper = false;
  if (size < SUSPICIOUS_FROM) return false;
  for (size_t i = 0; i < size; i++) {
    if (apv_is_digit(run[i])) return true;
    if (apv_is_lower(run[i])) lower = true;
    if (apv_is_upper(run[i])) upper = true;
  }
  return lower && upper;
}

/* The size of the user and password that `text` starts with, or 0; `before`
** is how many bytes stand before it. A password that should have been encoded
** may hold slashes and at signs: the last at sign of the run ends it. */
static size_t userinfo_size(struct apv_slice text, size_t before) {
  if (before < 2 || memcmp(text.data - 2, "//", 2) != 0) return 0;
  size_t userinfo = 0;
  for (size_t size = 0; size < text.size; size++) {
    char c = text.data[size];
    if (c == '@') userinfo = size;
    if ((unsigned char)c <= ' ' || c == '"' || c == '\'') break;
  }
  return userinfo;
}

/* "%2F" in a URL stands for a slash. */
static bool is_percent_encoded(struct apv_slice text, char c) {
  if (text.size < 3 || *text.data != '%') return false;
  int high = apv_hex_digit(text.data[1]);
  int low = apv_hex_digit(text.data[2]);
  return high >= 0 && low >= 0 && (high << 4 | low) == (unsigned char)c;
}

/* How many bytes at the start of `text` stand for `c`: as it is, behind
** backslashes as in JSON (or JSON in JSON), or percent-encoded; 0: none. */
static size_t size_of_character(struct apv_slice text, char c) {
  enum { MOST_BACKSLASHES = 3 };
  if (is_percent_encoded(text, c)) return 3;
  for (size_t i = 0; i < text.size && i <= MOST_BACKSLASHES; i++) {
    if (text.data[i] == c) return i + 1;
    if (text.data[i] != '\\') break;
  }
  return 0;
}

/* The size of the secret that `text` starts with, or 0. At its end a text may
** have been cut in the middle of one. */
static size_t starts_with(struct apv_slice text, const char *secret) {
  size_t taken = 0;
  if (secret == NULL || *secret == '\0') return 0;
  /* As it is, first: it may itself look like something encoded. */
  size_t size = strlen(secret);
  if (size <= text.size && memcmp(text.data, secret, size) == 0) return size;
  for (; *secret != '\0'; secret++) {
    struct apv_slice rest = {text.data + taken, text.size - taken};
    if (rest.size == 0) return taken >= CUT_FROM ? taken : 0;
    size = size_of_character(rest, *secret);
    if (size == 0) return 0;
    taken += size;
  }
  return taken;
}

/* Secrets of which nothing is shown. */
static size_t hidden_size(
  const struct apv_secrets *secrets, struct apv_slice text, size_t before
) {
  size_t size = userinfo_size(text, before);
  for (int i = 0; size == 0 && i < APV_HIDDEN_SECRETS; i++) {
    size = starts_with(text, secrets->hidden[i]);
  }
  return size;
}

/* The size of the upload token that `text` starts with, or 0. The service's
** own have 24 characters. What somebody took for one may be a letter, which
** masked in every word would leave none to be read: it counts only where it
** stands alone. */
static size_t token_size(
  const struct apv_secrets *secrets, struct apv_slice text, size_t before
) {
  size_t size = starts_with(text, secrets->token);
  if (size == 0 || strlen(secrets->token) >= TOKEN_FROM) return size;
  if (before > 0 && apv_is_token_byte(text.data[-1])) return 0;
  if (size < text.size && apv_is_token_byte(text.data[size])) return 0;
  return size;
}

/* The size of the run that `text` starts with. It stops before a secret that
** begins inside the run, at `from` or later, and extends past it; otherwise
** the mask's visible tail would be the start of that secret. */
static size_t run_before_secret(
  const struct apv_secrets *secrets, struct apv_slice text, size_t from
) {
  size_t run = run_size(text);
  for (size_t i = from; i < run; i++) {
    struct apv_slice rest = {text.data + i, text.size - i};
    if (hidden_size(secrets, rest, 0) > run - i) return i;
  }
  return run;
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

/* What is shown of the beginning of a text, and how much of it that is. */
struct redacted {
  struct apv_slice shown;
  size_t taken;
  char mask[APV_MASK_SIZE];
};

static void mask(struct redacted *it, struct apv_slice text, size_t size) {
  apv_mask(text.data, size, it->mask);
  it->shown = (struct apv_slice){it->mask, strlen(it->mask)};
  it->taken = size;
}

/* `*harmless`: bytes left of a run already found harmless. It avoids quadratic
** rescanning. */
static void redact_next(
  struct redacted *it, const struct apv_secrets *secrets, struct apv_slice text,
  size_t before, size_t *harmless
) {
  it->taken = hidden_size(secrets, text, before);
  if (it->taken > 0) {
    it->shown = (struct apv_slice){HIDDEN, sizeof HIDDEN - 1};
    return;
  }
  size_t size = token_size(secrets, text, before);
  if (size > 0) {
    /* With what follows: behind the end that is shown it could be a token. */
    struct apv_slice rest = {text.data + size, text.size - size};
    mask(it, text, size + run_before_secret(secrets, rest, 0));
    return;
  }
  size_t run = *harmless > 0 ? 0 : run_before_secret(secrets, text, 1);
  if (is_suspicious(text.data, run)) {
    mask(it, text, run);
  } else {
    if (run > 0) *harmless = run;
    it->taken = readable(text, &it->shown);
  }
}

size_t apv_secrets_redact(
  const struct apv_secrets *secrets, struct apv_slice text, char *out,
  size_t size
) {
  static const struct apv_secrets none = {NULL, {NULL}};
  const char *start = text.data;
  size_t length = 0;
  size_t harmless = 0;
  struct redacted next;
  if (size == 0) return 0;
  if (secrets == NULL) secrets = &none;
  while (text.size > 0) {
    size_t before = (size_t)(text.data - start);
    redact_next(&next, secrets, text, before, &harmless);
    if (length + next.shown.size >= size) break;
    memcpy(out + length, next.shown.data, next.shown.size);
    length += next.shown.size;
    text.data += next.taken;
    text.size -= next.taken;
    harmless -= next.taken < harmless ? next.taken : harmless;
  }
  out[length] = '\0';
  return length;
}
