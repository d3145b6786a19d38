/* Which texts are allowed; UTF-8 is as RFC 3629 defines it: shortest form, no
** surrogates. */
#include "text.h"

#include <string.h>

static bool is_continuation(char c) {
  return ((unsigned char)c & 0xc0) == 0x80;
}

size_t apv_utf8_size(struct apv_slice text) {
  if (text.size == 0) return 0;
  unsigned char first = (unsigned char)text.data[0];
  if (first < 0x80) return 1;
  size_t size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || size > text.size) return 0;
  for (size_t i = 1; i < size; i++) {
    if (!is_continuation(text.data[i])) return 0;
  }
  unsigned char second = (unsigned char)text.data[1];
  if (first == 0xe0 && second < 0xa0) return 0; /* could be shorter */
  if (first == 0xf0 && second < 0x90) return 0;
  if (first == 0xed && second > 0x9f) return 0; /* surrogates */
  if (first == 0xf4 && second > 0x8f) return 0; /* beyond U+10FFFF */
  return size;
}

bool apv_is_utf8(struct apv_slice text) {
  while (text.size > 0) {
    size_t size = apv_utf8_size(text);
    if (size == 0) return false;
    text.data += size;
    text.size -= size;
  }
  return true;
}

bool apv_text_is_valid(const char *text, size_t size) {
  bool ascii = true;
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c < 0x20 || c == 0x7f) return false;
    if (c > 0x7f) ascii = false;
  }
  return ascii || apv_is_utf8((struct apv_slice){text, size});
}

const char *apv_text_problem(const char *text) {
  size_t size = strlen(text);
  if (size > APV_LONGEST_TEXT) return "must be at most 65536 bytes";
  if (apv_text_is_valid(text, size)) return NULL;
  return "must be UTF-8 without control characters or line ends";
}

bool apv_token_is_valid(const char *token, size_t size) {
  enum { LONGEST_TOKEN = 128 };
  if (size < 1 || size > LONGEST_TOKEN) return false;
  for (size_t i = 0; i < size; i++) {
    if (!apv_is_token_byte(token[i])) return false;
  }
  return true;
}

/* Each character that a name may have, in its own place. */
/* clang-format off */
static const char name_characters[128 + 1] =
  "                                "
  "?! #$%&'  *+ -. 0123456789      "
  " ABCDEFGHIJKLMNOPQRSTUVWXYZ   ^_"
  "`abcdefghijklmnopqrstuvwxyz | ~ ";
/* clang-format on */

bool apv_header_name_is_valid(const char *name, size_t size) {
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)name[i];
    if (c > 127 || name_characters[c] != (char)c) return false;
  }
  return size > 0;
}

bool apv_file_name_is_valid(const char *name, size_t size) {
  enum { LONGEST_NAME = 255 }; /* bytes, as most file systems have it */
  if (size < 1 || size > LONGEST_NAME) return false;
  if (memchr(name, '/', size) != NULL || memchr(name, '\\', size) != NULL) {
    return false;
  }
  return apv_text_is_valid(name, size);
}

bool apv_identity_name_is_valid(const char *name, size_t size) {
  enum { LONGEST_NAME = 50 };
  return size <= LONGEST_NAME && apv_token_is_valid(name, size);
}

bool apv_version_is_valid(const char *version) {
  for (int numbers = 0; numbers < 3; numbers++) {
    size_t digits = strspn(version, "0123456789");
    if (digits < 1 || digits > 3) return false;
    version += digits;
    if (*version == '\0') return true;
    if (*version++ != '.') return false;
  }
  return false;
}
