/* The Authorization header, and the secrets that must never be shown. */
#include "credentials.h"

#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "text.h"

static const char BASIC[] = "Authorization: Basic ";
static const char BEARER[] = "Authorization: Bearer ";

static size_t base64_size(size_t size) {
  return (size + 2) / 3 * 4;
}

/* Writes base64_size(size) bytes and a terminator. */
static void base64(char *out, const unsigned char *data, size_t size) {
  static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t i = 0; i < size; i += 3) {
    unsigned long bits = (unsigned long)data[i] << 16;
    if (i + 1 < size) bits |= (unsigned long)data[i + 1] << 8;
    if (i + 2 < size) bits |= data[i + 2];
    *out++ = digits[bits >> 18];
    *out++ = digits[bits >> 12 & 63];
    *out++ = i + 1 < size ? digits[bits >> 6 & 63] : '=';
    *out++ = i + 2 < size ? digits[bits & 63] : '=';
  }
  *out = '\0';
}

/* The user name is the key and the password is empty: "key:". The key is
** stored with that colon for a moment, so that no second copy is needed. */
static void write_basic(char *out, char *key, size_t key_size) {
  memcpy(out, BASIC, sizeof BASIC);
  key[key_size] = ':';
  base64(out + sizeof BASIC - 1, (const unsigned char *)key, key_size + 1);
  key[key_size] = '\0';
}

struct apv_credentials *apv_credentials_new(
  const char *api_key, const char *access_token
) {
  size_t key_size = api_key ? strlen(api_key) : 0;
  size_t line_size = access_token ? sizeof BEARER + strlen(access_token)
                                  : sizeof BASIC + base64_size(key_size + 1);
  size_t block_size = sizeof(struct apv_credentials) + key_size + 1 + line_size;
  struct apv_credentials *it = apv_allocate(block_size);
  if (it == NULL) return NULL;
  it->references = 1;
  it->block_size = block_size;
  char *key = (char *)(it + 1);
  char *line = key + key_size + 1;
  if (api_key != NULL) {
    memcpy(key, api_key, key_size);
    it->api_key = key;
  }
  if (access_token != NULL) {
    snprintf(line, line_size, "%s%s", BEARER, access_token);
    it->line = line;
    it->secret = line + sizeof BEARER - 1;
  } else if (api_key != NULL) {
    write_basic(line, key, key_size);
    it->line = line;
    it->secret = line + sizeof BASIC - 1;
  }
  return it;
}

struct apv_credentials *apv_credentials_share(
  struct apv_credentials *credentials
) {
  credentials->references++;
  return credentials;
}

void apv_credentials_drop(struct apv_credentials *credentials) {
  if (credentials == NULL || --credentials->references > 0) return;
  apv_release(credentials, credentials->block_size);
}

enum apv_status apv_check_api_key(const char *key, const char **problem) {
  *problem = apv_text_problem(key);
  if (*key == '\0') {
    *problem = "must not be empty";
  } else if (strchr(key, ':') != NULL) {
    *problem = "must not hold a colon";
  }
  return *problem == NULL ? APV_OK : APV_INVALID;
}
