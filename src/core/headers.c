/* Request headers: which are allowed, and lists of them for libcurl. */
#include "internal.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

bool apv_header_name_is_reserved(const char *name) {
  for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++) {
    if (strcasecmp(name, reserved[i]) == 0) return true;
  }
  return false;
}

bool apv_text_is_valid(const char *text, size_t size) {
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)text[i];
    if (c < 0x20 || c == 0x7f) return false;
  }
  return apv_is_utf8((struct apv_slice){text, size});
}

bool apv_headers_are_valid(const struct apv_header *headers, size_t count) {
  for (size_t i = 0; i < count; i++) {
    const char *name = headers[i].name;
    const char *value = headers[i].value;
    if (!apv_header_name_is_valid(name, strlen(name))) return false;
    if (apv_header_name_is_reserved(name)) return false;
    if (!apv_text_is_valid(value, strlen(value))) return false;
  }
  return true;
}

/* --- lists ---------------------------------------------------------------- */

/* Room for `count` nodes and `text_size` bytes behind them. */
static struct apv_header_list *list_new(size_t count, size_t text_size) {
  size_t size = sizeof(struct apv_header_list) +
                count * sizeof(struct curl_slist) + text_size;
  struct apv_header_list *list = apv_allocate(size);
  if (list == NULL) return NULL;
  list->block_size = size;
  list->nodes = (struct curl_slist *)(list + 1);
  return list;
}

static void add_node(struct apv_header_list *list, char *line) {
  struct curl_slist *node = &list->nodes[list->count];
  node->data = line;
  if (list->count > 0) list->nodes[list->count - 1].next = node;
  list->count++;
}

static size_t line_size(const char *name, const char *value) {
  return strlen(name) + 2 + strlen(value) + 1;
}

/* Writes a line at `text` and returns what follows it. A header without a
** value is spelt "Name;" for libcurl, which drops "Name:" and "Name:  ". */
static char *add_line(
  struct apv_header_list *list, char *text, const char *name, const char *value
) {
  size_t size = line_size(name, value);
  if (value[strspn(value, " ")] == '\0') {
    snprintf(text, size, "%s;", name);
  } else {
    snprintf(text, size, "%s: %s", name, value);
  }
  add_node(list, text);
  return text + size;
}

struct apv_header_list *apv_common_headers(const struct apv_settings *settings
) {
  struct apv_header own[4] = {
    {"Accept", "application/json"},
    {"AV-Origin-Client", "lua:" APV_VERSION},
  };
  size_t own_count = 2;
  if (settings->application != NULL) {
    own[own_count++] =
      (struct apv_header){"AV-Origin-App", settings->application};
  }
  if (settings->sdk != NULL) {
    own[own_count++] = (struct apv_header){"AV-Origin-Sdk", settings->sdk};
  }
  size_t size = 0;
  for (size_t i = 0; i < own_count; i++) {
    size += line_size(own[i].name, own[i].value);
  }
  for (size_t i = 0; i < settings->header_count; i++) {
    size += line_size(settings->headers[i].name, settings->headers[i].value);
  }
  struct apv_header_list *list =
    list_new(own_count + settings->header_count, size);
  if (list == NULL) return NULL;
  char *text = (char *)(list->nodes + own_count + settings->header_count);
  for (size_t i = 0; i < own_count; i++) {
    text = add_line(list, text, own[i].name, own[i].value);
  }
  for (size_t i = 0; i < settings->header_count; i++) {
    const struct apv_header *header = &settings->headers[i];
    text = add_line(list, text, header->name, header->value);
  }
  return list;
}

static bool replaced(const struct apv_request *request, const char *line) {
  for (size_t i = 0; i < request->header_count; i++) {
    const char *name = request->headers[i].name;
    size_t size = strlen(name);
    if (strncasecmp(line, name, size) != 0) continue;
    if (line[size] == ':' || line[size] == ';') return true;
  }
  return false;
}

struct apv_header_list *apv_call_headers(
  const struct apv_request *request, const struct apv_header_list *common
) {
  size_t size = 0;
  for (size_t i = 0; i < request->header_count; i++) {
    size += line_size(request->headers[i].name, request->headers[i].value);
  }
  size_t count = request->header_count + common->count;
  struct apv_header_list *list = list_new(count, size);
  if (list == NULL) return NULL;
  char *text = (char *)(list->nodes + count);
  for (size_t i = 0; i < request->header_count; i++) {
    const struct apv_header *header = &request->headers[i];
    text = add_line(list, text, header->name, header->value);
  }
  for (size_t i = 0; i < common->count; i++) {
    char *line = common->nodes[i].data;
    if (!replaced(request, line)) add_node(list, line);
  }
  return list;
}

void apv_header_list_free(struct apv_header_list *list) {
  if (list != NULL) apv_release(list, list->block_size);
}
