/* Bytes somewhere else. */
#include "slice.h"

#include <string.h>

#include "text.h"

struct apv_slice apv_slice_of(const char *text) {
  return (struct apv_slice){text, strlen(text)};
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct apv_slice apv_slice_trim(struct apv_slice text) {
  while (text.size > 0 && is_blank(text.data[0])) {
    text.data++;
    text.size--;
  }
  while (text.size > 0 && is_blank(text.data[text.size - 1])) text.size--;
  return text;
}

bool apv_slice_number(struct apv_slice text, long long *number) {
  enum { MOST_DIGITS = 15 };
  if (text.size < 1 || text.size > MOST_DIGITS) return false;
  *number = 0;
  for (size_t i = 0; i < text.size; i++) {
    if (!apv_is_digit(text.data[i])) return false;
    *number = *number * 10 + (text.data[i] - '0');
  }
  return true;
}

bool apv_slice_is(struct apv_slice text, const char *word) {
  for (size_t i = 0; i < text.size; i++) {
    /* Also false at the end of the word. */
    if (apv_lower(text.data[i]) != apv_lower(word[i])) return false;
  }
  return word[text.size] == '\0';
}

bool apv_slice_next_line(
  struct apv_slice text, size_t *position, struct apv_slice *line
) {
  size_t left = text.size - *position;
  if (left == 0) return false;
  line->data = text.data + *position;
  const char *end = memchr(line->data, '\n', left);
  line->size = end ? (size_t)(end - line->data) : left;
  *position += end ? line->size + 1 : line->size;
  return true;
}
