/* Keeps secrets out of whatever people may read. */
#include "internal.h"

#include <stdio.h>
#include <string.h>

/* Shorter secrets are not shown in part; shorter runs are taken for words; in
** words, shorter upload tokens are taken for letters. */
enum { SHOWN_FROM = 16, SUSPICIOUS_FROM = 16, TOKEN_FROM = 8 };

/* As many bytes of a secret at the end of a text are its beginning, cut off. */
enum { CUT_FROM = 4 };

static const char HIDDEN[] = "…";

void apv_mask(const char *secret, size_t size, char out[APV_MASK_SIZE]) {
  if (size < SHOWN_FROM) {
    snprintf(out, APV_MASK_SIZE, "%s", HIDDEN);
  } else {
    const char *end = secret + size - 3;
    snprintf(out, APV_MASK_SIZE, "%.4s%s%.3s", secret, HIDDEN, end);
  }
}

static bool is_small(char c) {
  return c >= 'a' && c <= 'z';
}

static bool is_capital(char c) {
  return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/* What keys and tokens of the service are written with. */
static bool is_of_run(char c) {
  return is_small(c) || is_capital(c) || is_digit(c) || c == '_' || c == '-';
}

static size_t run_size(struct apv_slice text) {
  size_t size = 0;
  while (size < text.size && is_of_run(text.data[size])) size++;
  return size;
}

/* Long, and with a digit, or with letters of both sizes: neither the names of
** the service's problems nor those of constants are. */
static bool is_suspicious(const char *run, size_t size) {
  bool small = false, capital = false;
  if (size < SUSPICIOUS_FROM) return false;
  for (size_t i = 0; i < size; i++) {
    if (is_digit(run[i])) return true;
    if (is_small(run[i])) small = true;
    if (is_capital(run[i])) capital = true;
  }
  return small && capital;
}

/* The size of the user and password that `text` starts with, or 0; `before`
** is how many bytes stand before it. */
static size_t userinfo_size(struct apv_slice text, size_t before) {
  if (before < 3 || memcmp(text.data - 3, "://", 3) != 0) return 0;
  for (size_t size = 0; size < text.size; size++) {
    char c = text.data[size];
    if (c == '@') return size;
    if (c == '/' || c == ' ' || c == '"' || c == '\'') return 0;
  }
  return 0;
}

static int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* "%2F" in a URL stands for a slash. */
static bool is_percent_encoded(struct apv_slice text, char c) {
  if (text.size < 3 || *text.data != '%') return false;
  int high = hex_digit(text.data[1]);
  int low = hex_digit(text.data[2]);
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
  const apv_call *call, struct apv_slice text, size_t before
) {
  size_t size = userinfo_size(text, before);
  if (size > 0 || call == NULL) return size;
  size = starts_with(text, call->secret);
  if (size == 0) size = starts_with(text, call->credentials->secret);
  if (size == 0) size = starts_with(text, call->credentials->api_key);
  return size;
}

/* The size of the upload token that `text` starts with, or 0. The service's
** own have 24 characters. What somebody took for one may be a letter, which
** masked in every word would leave none to be read: it counts only where it
** stands alone. */
static size_t token_size(
  const apv_call *call, struct apv_slice text, size_t before
) {
  size_t size = call ? starts_with(text, call->token) : 0;
  if (size == 0 || strlen(call->token) >= TOKEN_FROM) return size;
  if (before > 0 && is_of_run(text.data[-1])) return 0;
  if (size < text.size && is_of_run(text.data[size])) return 0;
  return size;
}

/* The size of the run that `text` starts with. It ends where, at `from` or
** later, a secret starts that goes on behind it: masked with the run, the
** secret's first bytes would be the end that is shown, with the rest of it
** behind. */
static size_t run_before_secret(
  const apv_call *call, struct apv_slice text, size_t from
) {
  size_t run = run_size(text);
  for (size_t i = from; i < run; i++) {
    struct apv_slice rest = {text.data + i, text.size - i};
    if (hidden_size(call, rest, 0) > run - i) return i;
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

/* `*harmless` is how many of the next bytes belong to a run that was looked
** at already: no byte is looked at for every other one. */
static void redact_next(
  struct redacted *it, const apv_call *call, struct apv_slice text,
  size_t before, size_t *harmless
) {
  it->taken = hidden_size(call, text, before);
  if (it->taken > 0) {
    it->shown = (struct apv_slice){HIDDEN, sizeof HIDDEN - 1};
    return;
  }
  size_t size = token_size(call, text, before);
  if (size > 0) {
    /* With what follows: behind the end that is shown it could be a token. */
    size_t run = run_before_secret(call, text, size);
    mask(it, text, run > size ? run : size);
    return;
  }
  size_t run = *harmless > 0 ? 0 : run_before_secret(call, text, 1);
  if (is_suspicious(text.data, run)) {
    mask(it, text, run);
  } else {
    if (run > 0) *harmless = run;
    it->taken = readable(text, &it->shown);
  }
}

size_t apv_redact(
  const apv_call *call, struct apv_slice text, char *out, size_t size
) {
  const char *start = text.data;
  size_t length = 0;
  size_t harmless = 0;
  struct redacted next;
  while (text.size > 0) {
    size_t before = (size_t)(text.data - start);
    redact_next(&next, call, text, before, &harmless);
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

size_t apv_client_redact(
  const apv_client *client, struct apv_slice text, char *out, size_t size
) {
  const struct apv_call known = {
    .token = "",
    .secret = "",
    .credentials = client->credentials,
  };
  return apv_redact(&known, text, out, size);
}
