/* Header lines of an answer, and the service's limits in them. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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
static void check_tail(const apv_call *call, struct apv_slice value) {
  const char *end = call->head.data + call->head.size;
  for (const char *c = value.data + value.size; c < end && *c != '\n'; c++) {
    PROMISE(is_blank(*c));
  }
}

/* What is found by a name is what the walk meets first under it. */
static void check_found(const apv_call *call, struct apv_slice name) {
  char text[256];
  struct apv_slice found, other, value;
  size_t position = 0;
  if (name.size >= sizeof text) return;
  memcpy(text, name.data, name.size);
  text[name.size] = '\0';
  PROMISE(apv_call_header(call, text, &found));
  do {
    PROMISE(apv_call_next_header(call, &position, &other, &value));
  } while (other.size != name.size ||
           strncasecmp(other.data, name.data, name.size) != 0);
  PROMISE(found.data == value.data && found.size == value.size);
}

static void check_limit(long long limit) {
  PROMISE(limit >= -1 && limit < 1000000000000000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  apv_call call = {.head = {.data = (char *)data, .size = size}};
  struct apv_slice name, value;
  size_t position = 0;
  size_t before = 0;
  while (apv_call_next_header(&call, &position, &name, &value)) {
    PROMISE(position > before && position <= size);
    check_name(name);
    check_value(name, value);
    check_tail(&call, value);
    check_number(value);
    if (position < 4096) check_found(&call, name);
    before = position;
  }
  struct apv_limits limits = apv_call_limits(&call);
  check_limit(limits.limit);
  check_limit(limits.remaining);
  check_limit(limits.window);
  PROMISE(limits.retry_after >= -1);
  PROMISE(apv_server_wait(&limits, 200) == limits.retry_after);
  PROMISE(apv_server_wait(&limits, 429) >= limits.retry_after);
  return 0;
}
