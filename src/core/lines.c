/* Header lines of requests: which headers are allowed, and lists of lines. */
#include "lines.h"

#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "slice.h"
#include "text.h"

/* Set by the library or by libcurl; a caller's value would break framing,
** move credentials or ask for an encoding that is not decoded. */
static const char *const reserved[] = {
  "Accept",
  "Accept-Encoding",
  "Authorization",
  "AV-Origin-App",
  "AV-Origin-Client",
  "AV-Origin-Sdk",
  "Connection",
  "Content-Encoding",
  "Content-Length",
  "Content-Range",
  "Content-Type",
  "Expect",
  "Host",
  "Keep-Alive",
  "Proxy-Authorization",
  "Proxy-Connection",
  "Range",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
};

bool apv_header_name_is_reserved(const char *name) {
  struct apv_slice given = apv_slice_of(name);
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
    if (apv_slice_is(given, reserved[i])) return true;
  }
  return false;
}

static size_t line_size(const struct apv_header *header) {
  return strlen(header->name) + 2 + strlen(header->value) + 1;
}

static size_t text_size(const struct apv_header *headers, size_t count) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++) size += line_size(&headers[i]);
  return size;
}

/* libcurl takes 1 MiB of header lines, and says that it has no memory for
** more. */
bool apv_headers_are_valid(const struct apv_header *headers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const char *name = headers[i].name;
    const char *value = headers[i].value;
    if (!apv_header_name_is_valid(name, strlen(name))) return false;
    if (apv_header_name_is_reserved(name)) return false;
    if (!apv_text_is_valid(value, strlen(value))) return false;
  }
  return text_size(headers, count) <= APV_LONGEST_TEXT;
}

/* --- lists ---------------------------------------------------------------- */

/* Room for `most` lines and `size` bytes of text, which `*text` is. */
static struct apv_lines *lines_new(size_t most, size_t size, char **text) {
  struct apv_lines *lines;
  size_t block_size = sizeof *lines + most * sizeof *lines->line + size;
  lines = apv_allocate(block_size);
  if (lines == NULL) return NULL;
  lines->block_size = block_size;
  *text = (char *)(lines->line + most);
  return lines;
}

/* Writes lines at `text` and returns what follows them. A header without a
** value is spelt "Name;" for libcurl, which drops "Name:" and "Name:  ". */
static char *add_lines(
  struct apv_lines *lines, char *text, const struct apv_header *headers,
  size_t count
) {
  for (size_t i = 0; i < count; i++) {
    const char *value = headers[i].value;
    bool blank = value[strspn(value, " ")] == '\0';
    lines->line[lines->count++] = text;
    if (blank) value = "";
    text += sprintf(text, blank ? "%s;%s" : "%s: %s", headers[i].name, value);
    text++;
  }
  return text;
}

static bool is_replaced(
  const char *line, const struct apv_header *headers, size_t count
) {
  struct apv_slice name = {line, strcspn(line, ":;")};
  for (size_t i = 0; i < count; i++) {
    if (apv_slice_is(name, headers[i].name)) return true;
  }
  return false;
}

struct apv_lines *apv_lines_common(const struct apv_settings *settings) {
  enum { MOST_OWN = 6 };
  struct apv_header own[MOST_OWN] = {
    {"Accept", "application/json"},
    {"Accept-Encoding", "identity"},
    {"AV-Origin-Client", "lua:" APV_VERSION},
  };
  size_t count = 3, more = settings->header_count;
  char *text;
  /* As an option libcurl would print it anew for each request. */
  if (!is_replaced("User-Agent:", settings->headers, more)) {
    own[count++] =
      (struct apv_header){"User-Agent", "apivideo-lua/" APV_VERSION};
  }
  if (settings->application != NULL) {
    own[count++] = (struct apv_header){"AV-Origin-App", settings->application};
  }
  if (settings->sdk != NULL) {
    own[count++] = (struct apv_header){"AV-Origin-Sdk", settings->sdk};
  }
  size_t size = text_size(own, count) + text_size(settings->headers, more);
  struct apv_lines *lines = lines_new(count + more, size, &text);
  if (lines == NULL) return NULL;
  text = add_lines(lines, text, own, count);
  add_lines(lines, text, settings->headers, more);
  return lines;
}

struct apv_lines *apv_lines_own(
  const struct apv_header *headers, size_t count, const struct apv_lines *common
) {
  char *text;
  struct apv_lines *lines =
    lines_new(count + common->count, text_size(headers, count), &text);
  if (lines == NULL) return NULL;
  add_lines(lines, text, headers, count);
  for (size_t i = 0; i < common->count; i++) {
    char *line = common->line[i];
    if (!is_replaced(line, headers, count)) lines->line[lines->count++] = line;
  }
  return lines;
}

void apv_lines_free(struct apv_lines *lines) {
  if (lines != NULL) apv_release(lines, lines->block_size);
}
