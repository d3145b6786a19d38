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

/* What is no header is passed over: the status line, a folded line, one whose
** name is none. */
bool apv_call_next_header(
  const apv_call *call, size_t *position, struct apv_slice *name,
  struct apv_slice *value
) {
  while (*position < call->head.size) {
    const char *line = call->head.data + *position;
    size_t left = call->head.size - *position;
    const char *end = memchr(line, '\n', left);
    size_t size = end ? (size_t)(end - line) : left;
    *position += end ? size + 1 : size;
    const char *colon = memchr(line, ':', size);
    if (colon == NULL) continue;
    size_t name_size = (size_t)(colon - line);
    if (!apv_header_name_is_valid(line, name_size)) continue;
    *name = (struct apv_slice){line, name_size};
    *value = trim((struct apv_slice){colon + 1, size - name_size - 1});
    return true;
  }
  return false;
}

bool apv_slice_is(struct apv_slice text, const char *word) {
  size_t size = text.size;
  if (size != strlen(word)) return false;
  return memcmp(text.data, word, size) == 0 ||
         strncasecmp(text.data, word, size) == 0;
}

bool apv_call_header(
  const apv_call *call, const char *name, struct apv_slice *value
) {
  size_t position = 0;
  struct apv_slice found;
  while (apv_call_next_header(call, &position, &found, value)) {
    if (apv_slice_is(found, name)) return true;
  }
  return false;
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
