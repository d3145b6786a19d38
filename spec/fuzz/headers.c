/* Heads of answers, a line at a time, and the service's limits in them. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>

#include "../../src/core/head.h"
#include "../../src/core/limits.h"
#include "../../src/core/slice.h"

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Digits that mean the number, with nothing left out. */
static void check_number(struct apv_slice value) {
  long long number;
  char digits[32];
  if (!apv_slice_number(value, &number)) return;
  int size = snprintf(digits, sizeof digits, "%0*lld", (int)value.size, number);
  PROMISE((size_t)size == value.size);
  PROMISE(memcmp(digits, value.data, value.size) == 0);
}

static void check_name(struct apv_slice name) {
  PROMISE(name.size > 0);
  for (size_t i = 0; i < name.size; i++) {
    char c = name.data[i];
    PROMISE(c > ' ' && c <= '~' && c != ':' && c != '"');
  }
}

/* Between the colon and the line's end, without the blanks around it. */
static void check_value(struct apv_slice name, struct apv_slice value) {
  for (const char *c = name.data + name.size + 1; c < value.data; c++) {
    PROMISE(is_blank(*c));
  }
  PROMISE(value.size == 0 || !is_blank(value.data[0]));
  PROMISE(value.size == 0 || !is_blank(value.data[value.size - 1]));
  PROMISE(value.size == 0 || memchr(value.data, '\n', value.size) == NULL);
}

/* The rest of the line after `value` is blank. */
static void check_tail(const struct apv_head *head, struct apv_slice value) {
  const char *end = head->lines.data + head->lines.size;
  for (const char *c = value.data + value.size; c < end && *c != '\n'; c++) {
    PROMISE(is_blank(*c));
  }
}

/* What is found by a name is what the walk meets first under it. */
static void check_found(const struct apv_head *head, struct apv_slice name) {
  char text[256];
  struct apv_slice found, other, value;
  size_t position = 0;
  if (name.size >= sizeof text) return;
  memcpy(text, name.data, name.size);
  text[name.size] = '\0';
  PROMISE(apv_head_find(head, text, &found));
  do {
    PROMISE(apv_head_next(head, &position, &other, &value));
  } while (!apv_slice_is(other, text));
  PROMISE(found.data == value.data && found.size == value.size);
}

static void check_limit(long long limit) {
  PROMISE(limit >= -1 && limit < 1000000000000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct apv_head head;
  struct apv_slice input = {(const char *)data, size}, line;
  size_t at = 0;
  memset(&head, 0, sizeof head);
  while (apv_slice_next_line(input, &at, &line)) {
    const char *problem;
    struct apv_slice ended = {
      line.data, line.size + (at > 0 && data[at - 1] == '\n')};
    if (apv_head_take(&head, ended, &problem) != APV_OK) break;
    PROMISE(head.status >= 100 && head.status <= 999);
    PROMISE(!head.final || head.status >= 200);
  }
  size = head.lines.size;
  struct apv_slice name, value;
  size_t position = 0;
  size_t before = 0;
  while (apv_head_next(&head, &position, &name, &value)) {
    PROMISE(position > before && position <= size);
    check_name(name);
    check_value(name, value);
    check_tail(&head, value);
    check_number(value);
    if (position < 4096) check_found(&head, name);
    before = position;
  }
  struct apv_limits limits = apv_limits_of(&head);
  check_limit(limits.limit);
  check_limit(limits.remaining);
  check_limit(limits.window);
  PROMISE(limits.retry_after >= -1);
  PROMISE(apv_limits_wait(&limits, 200) == limits.retry_after);
  PROMISE(apv_limits_wait(&limits, 429) >= limits.retry_after);
  apv_head_free(&head);
  return 0;
}
