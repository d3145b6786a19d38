/* A call, and what a finished one says about its answer. */
#include "call.h"

#include "limits.h"
#include "memory.h"
#include "operation.h"
#include "retry.h"

enum apv_status apv_call_new(
  const struct apv_request *request, const struct apv_request_context *context,
  apv_call **out
) {
  *out = NULL;
  if (!apv_request_is_valid(request)) return APV_INVALID;
  size_t size = sizeof(apv_call) + apv_request_text_size(request, context);
  apv_call *call = apv_allocate(size);
  if (call == NULL) return APV_NO_MEMORY;
  call->block_size = size;
  call->verdict.retry_after = -1;
  call->schedule.deadline.owner = call;
  call->schedule.patience.owner = call;
  call->schedule.connecting.owner = call;
  call->schedule.queue_entry.owner = call;
  enum apv_status status =
    apv_outgoing_init(&call->request, request, context, call->text);
  if (status != APV_OK) {
    apv_call_release(call);
    return status;
  }
  call->schedule.maybe_processed =
    request->part != NULL && request->part->repeated;
  *out = call;
  return APV_OK;
}

void apv_call_release(apv_call *call) {
  apv_verdict_free(&call->verdict);
  apv_outgoing_free(&call->request);
  apv_release(call, call->block_size);
}

/* --- at any time ---------------------------------------------------------- */

bool apv_call_done(const apv_call *call) {
  return call->done;
}

unsigned long apv_call_number(const apv_call *call) {
  return call->number;
}

enum apv_operation apv_call_operation(const apv_call *call) {
  return call->request.operation;
}

const char *apv_call_method(const apv_call *call) {
  return apv_operation_method(call->request.operation);
}

const char *apv_call_video_id(const apv_call *call) {
  return call->request.video_id;
}

long long apv_call_progress(const apv_call *call) {
  return apv_form_progress(&call->request.form);
}

size_t apv_call_path(const apv_call *call, char *out, size_t size) {
  return apv_outgoing_show(&call->request, out, size);
}

size_t apv_redact(
  const apv_call *call, struct apv_slice text, char *out, size_t size
) {
  if (call == NULL) return apv_secrets_redact(NULL, text, out, size);
  struct apv_secrets secrets = apv_outgoing_secrets(&call->request);
  return apv_secrets_redact(&secrets, text, out, size);
}

/* --- the end -------------------------------------------------------------- */

enum apv_status apv_call_status(const apv_call *call) {
  return call->verdict.status;
}

const char *apv_call_failure(const apv_call *call) {
  const char *words = call->verdict.words;
  return *words != '\0' ? words : apv_status_text(call->verdict.status);
}

const char *apv_call_hint(const apv_call *call) {
  return call->verdict.hint;
}

bool apv_call_ambiguous(const apv_call *call) {
  return !apv_outgoing_is_repeatable(&call->request) &&
         call->verdict.maybe_processed;
}

bool apv_call_already_gone(const apv_call *call) {
  return call->request.operation == APV_DELETE_TOKEN &&
         call->verdict.status == APV_OK && call->verdict.http_status == 404 &&
         call->schedule.maybe_processed;
}

bool apv_call_succeeded(const apv_call *call) {
  enum { PARTIAL_CONTENT = 206 }; /* of a range that nobody asked for */
  long status = call->verdict.http_status;
  if (call->verdict.status != APV_OK) return false;
  if (apv_call_already_gone(call)) return true;
  return status >= 200 && status <= 299 && status != PARTIAL_CONTENT;
}

bool apv_call_retryable(const apv_call *call) {
  const struct apv_verdict *verdict = &call->verdict;
  return verdict->status == APV_THROTTLED ||
         apv_is_transient(
           verdict->status, verdict->http_status, verdict->permanent
         );
}

long long apv_call_retry_after(const apv_call *call) {
  return call->verdict.retry_after;
}

bool apv_call_may_have_arrived(const apv_call *call) {
  return apv_outgoing_is_upload(&call->request) &&
         (call->schedule.maybe_processed || apv_call_succeeded(call));
}

int apv_call_attempts(const apv_call *call) {
  return call->schedule.attempts;
}

double apv_call_elapsed(const apv_call *call) {
  return call->schedule.elapsed;
}

/* --- the answer ----------------------------------------------------------- */

long apv_call_http_status(const apv_call *call) {
  return call->verdict.http_status;
}

bool apv_call_reused(const apv_call *call) {
  return call->verdict.reused;
}

struct apv_slice apv_call_body(const apv_call *call) {
  const struct apv_buffer *body = &call->verdict.body;
  return (struct apv_slice){body->data, body->size};
}

void apv_call_drop_body(apv_call *call) {
  apv_buffer_free(&call->verdict.body);
}

void apv_call_cut_body(apv_call *call) {
  enum { MOST_KEPT = 64 * 1024 };
  apv_buffer_cut(&call->verdict.body, MOST_KEPT);
}

bool apv_call_next_header(
  const apv_call *call, size_t *position, struct apv_slice *name,
  struct apv_slice *value
) {
  return apv_head_next(&call->verdict.head, position, name, value);
}

bool apv_call_header(
  const apv_call *call, const char *name, struct apv_slice *value
) {
  return apv_head_find(&call->verdict.head, name, value);
}

struct apv_slice apv_call_content_type(const apv_call *call) {
  return call->verdict.head.known[APV_CONTENT_TYPE];
}

struct apv_limits apv_call_limits(const apv_call *call) {
  return apv_limits_of(&call->verdict.head);
}
