/* What people may read of a text that has secrets in it. An input is the size
** of the room there is, the key, the other secret and the upload token with a
** zero behind each, and a text, in which "\1", "\2" and "\3" stand for them. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/core/credentials.h"
#include "../../src/core/secrets.h"

enum { SECRETS = 3, TEXT_SIZE = 8192, SHORTEST = 8 };

/* Of what keys and tokens are made of, and long enough to be told from the
** ends that a mask shows. Blanks and "?" stand for other characters. */
static bool is_secret(const char *text) {
  size_t size = strlen(text);
  if (size < SHORTEST) return false;
  for (size_t i = 0; i < size; i++) {
    if (text[i] <= ' ' || text[i] > '~' || text[i] == '?') return false;
  }
  return true;
}

/* Puts the secrets in their places. */
static size_t expand(char *out, struct apv_slice text, char *const *secrets) {
  size_t size = 0;
  for (size_t i = 0; i < text.size; i++) {
    int which = text.data[i] - 1;
    bool stands = which >= 0 && which < SECRETS;
    const char *piece = stands ? secrets[which] : text.data + i;
    size_t piece_size = stands ? strlen(piece) : 1;
    if (size + piece_size > TEXT_SIZE) break;
    memcpy(out + size, piece, piece_size);
    size += piece_size;
  }
  return size;
}

static void check(
  const struct apv_secrets *known, struct apv_slice text, size_t room,
  char *const *secrets
) {
  char *out = malloc(room);
  if (out == NULL) abort();
  size_t size = apv_secrets_redact(known, text, out, room);
  struct apv_slice shown = {out, size};
  PROMISE(size < room && out[size] == '\0' && strlen(out) == size);
  PROMISE(fuzz_is_readable(shown));
  for (int i = 0; known != NULL && i < SECRETS; i++) {
    PROMISE(!is_secret(secrets[i]) || !fuzz_holds(shown, secrets[i]));
  }
  free(out);
}

static void redact(struct apv_slice text, size_t room, char *const *secrets) {
  static char expanded[TEXT_SIZE];
  struct apv_slice all = {expanded, expand(expanded, text, secrets)};
  struct apv_credentials *it = apv_credentials_new(secrets[0], NULL);
  if (it == NULL) abort();
  struct apv_secrets known = {
    .token = secrets[2], .hidden = {secrets[1], it->secret, it->api_key}};
  check(&known, all, room, secrets);
  check(NULL, all, room, secrets);
  apv_credentials_drop(it);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct apv_slice input = {(const char *)data, size};
  size_t room = 1 + 8 * fuzz_take_byte(&input);
  char *secrets[SECRETS];
  for (int i = 0; i < SECRETS; i++) secrets[i] = fuzz_take_text(&input);
  char *token = secrets[2];
  if (!apv_token_is_valid(token, strlen(token))) *token = '\0';
  redact(input, room, secrets);
  for (int i = 0; i < SECRETS; i++) free(secrets[i]);
  return 0;
}
