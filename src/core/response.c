/* What a finished call says about its answer. */
#include "internal.h"

#include <string.h>
#include <strings.h>

bool apv_call_done(const apv_call *call) {
  return call->done;
}

enum apv_status apv_call_status(const apv_call *call) {
  return call->status;
}

const char *apv_call_failure(const apv_call *call) {
  if (*call->failure != '\0') return call->failure;
  return apv_status_text(call->status);
}

/* What was cut off because of the file was never all there. */
bool apv_call_ambiguous(const apv_call *call) {
  return !apv_call_repeatable(call) && call->status != APV_FILE &&
         apv_may_be_done(call->sent, call->http_status);
}

bool apv_call_succeeded(const apv_call *call) {
  enum { PARTIAL_CONTENT = 206 }; /* of a range that nobody asked for */
  long status = call->http_status;
  if (call->status != APV_OK) return false;
  if (apv_call_already_gone(call)) return true;
  return status >= 200 && status <= 299 && status != PARTIAL_CONTENT;
}

bool apv_call_retryable(const apv_call *call) {
  return call->status == APV_THROTTLED ||
         apv_is_transient(call->status, call->http_status, call->lasting);
}

long long apv_call_retry_after(const apv_call *call) {
  return call->retry_after;
}

bool apv_call_already_gone(const apv_call *call) {
  return call->operation == APV_DELETE_TOKEN && call->status == APV_OK &&
         call->http_status == 404 && call->unsettled;
}

bool apv_call_may_have_arrived(const apv_call *call) {
  return call->operation == APV_UPLOAD &&
         (call->unsettled || apv_call_succeeded(call));
}

int apv_call_attempts(const apv_call *call) {
  return call->attempts;
}

double apv_call_elapsed(const apv_call *call) {
  return call->elapsed;
}

long apv_call_http_status(const apv_call *call) {
  return call->http_status;
}

bool apv_call_reused(const apv_call *call) {
  return call->reused;
}

struct apv_slice apv_call_body(const apv_call *call) {
  return (struct apv_slice){call->body.data, call->body.size};
}

void apv_call_drop_body(apv_call *call) {
  apv_buffer_free(&call->body);
}

void apv_call_cut_body(apv_call *call) {
  enum { MOST_KEPT = 64 * 1024 };
  apv_buffer_cut(&call->body, MOST_KEPT);
}

static bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct apv_slice trim(struct apv_slice text) {
  while (text.size > 0 && is_blank(text.data[0])) {
    text.data++;
    text.size--;
  }
  while (text.size > 0 && is_blank(text.data[text.size - 1])) text.size--;
  return text;
}

/* The line at `*position`, which moves behind it; false at the end. */
static bool next_line(
  const apv_call *call, size_t *position, struct apv_slice *line
) {
  size_t left = call->head.size - *position;
  if (left == 0) return false;
  line->data = call->head.data + *position;
  const char *end = memchr(line->data, '\n', left);
  line->size = end ? (size_t)(end - line->data) : left;
  *position += end ? line->size + 1 : line->size;
  return true;
}

static struct apv_slice value_behind(struct apv_slice line, size_t name_size) {
  size_t size = line.size - name_size - 1;
  return trim((struct apv_slice){line.data + name_size + 1, size});
}

/* What is no header is passed over: the status line, a folded line, one whose
** name is none. */
bool apv_call_next_header(
  const apv_call *call, size_t *position, struct apv_slice *name,
  struct apv_slice *value
) {
  struct apv_slice line;
  while (next_line(call, position, &line)) {
    const char *colon = memchr(line.data, ':', line.size);
    if (colon == NULL) continue;
    size_t name_size = (size_t)(colon - line.data);
    if (!apv_header_name_is_valid(line.data, name_size)) continue;
    *name = (struct apv_slice){line.data, name_size};
    *value = value_behind(line, name_size);
    return true;
  }
  return false;
}

bool apv_call_next_named(
  const apv_call *call, size_t *position, const char *name,
  struct apv_slice *value
) {
  size_t size = strlen(name);
  struct apv_slice line;
  while (next_line(call, position, &line)) {
    if (line.size <= size || line.data[size] != ':') continue;
    if (strncasecmp(line.data, name, size) != 0) continue;
    *value = value_behind(line, size);
    return true;
  }
  return false;
}

bool apv_call_header(
  const apv_call *call, const char *name, struct apv_slice *value
) {
  size_t position = 0;
  return apv_call_next_named(call, &position, name, value);
}

bool apv_slice_number(struct apv_slice text, long long *number) {
  enum { MOST_DIGITS = 15 };
  if (text.size < 1 || text.size > MOST_DIGITS) return false;
  *number = 0;
  for (size_t i = 0; i < text.size; i++) {
    if (text.data[i] < '0' || text.data[i] > '9') return false;
    *number = *number * 10 + (text.data[i] - '0');
  }
  return true;
}
