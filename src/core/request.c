/* From an operation and its arguments to a request that can be sent. */
#include "request.h"

#include <stdio.h>
#include <string.h>

#include "operation.h"
#include "slice.h"
#include "text.h"

enum { QUERY_SIZE = 256 /* longest query, with its question mark */ };

void apv_request_init(
  struct apv_request *request, enum apv_operation operation
) {
  *request = (struct apv_request
  ){.operation = operation, .attempt_timeout = -1, .retries = -1};
}

/* --- checks --------------------------------------------------------------- */

static bool names_token(enum apv_operation operation) {
  return operation == APV_UPLOAD || operation == APV_GET_TOKEN ||
         operation == APV_DELETE_TOKEN;
}

static bool takes_body(enum apv_operation operation) {
  return !names_token(operation) && operation != APV_LIST;
}

static bool is_absent_or(const char *text, const char *a, const char *b) {
  return text == NULL || strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

static bool is_from_0_to(long number, long most) {
  return number >= 0 && number <= most;
}

static bool query_is_valid(const struct apv_request *request) {
  if (request->operation != APV_LIST) {
    return request->sort_by == NULL && request->sort_order == NULL &&
           request->current_page == 0 && request->page_size == 0;
  }
  return is_absent_or(request->sort_by, "createdAt", "ttl") &&
         is_absent_or(request->sort_order, "asc", "desc") &&
         is_from_0_to(request->current_page, APV_MOST_PAGES) &&
         is_from_0_to(request->page_size, APV_MOST_PAGE_SIZE);
}

static bool body_is_valid(const struct apv_request *request) {
  struct apv_slice body = {request->body, request->body_size};
  if (body.size == 0) return true;
  return takes_body(request->operation) && body.data != NULL &&
         apv_is_utf8(body);
}

static bool is_time(double seconds) {
  return seconds >= 0 && seconds <= APV_LONGEST_TIME;
}

bool apv_request_is_valid(const struct apv_request *request) {
  const char *token = request->token;
  bool uploads = request->operation == APV_UPLOAD;
  if ((unsigned)request->operation >= APV_OPERATION_COUNT) return false;
  if (names_token(request->operation) != (token != NULL)) return false;
  if (token != NULL && !apv_token_is_valid(token, strlen(token))) return false;
  if (uploads != (request->part != NULL)) return false;
  if (uploads && !apv_part_is_valid(request->part)) return false;
  if (!query_is_valid(request) || !body_is_valid(request)) return false;
  if (!apv_headers_are_valid(request->headers, request->header_count)) {
    return false;
  }
  return request->retries <= APV_MOST_RETRIES && is_time(request->timeout) &&
         is_time(request->idle_timeout) &&
         request->attempt_timeout <= APV_LONGEST_TIME;
}

/* --- texts ---------------------------------------------------------------- */

/* Appends one parameter to the query that begins at `start`. */
static char *add_parameter(
  char *out, const char *start, const char *name, const char *value
) {
  return out + sprintf(out, "%c%s=%s", out == start ? '?' : '&', name, value);
}

static char *add_number(
  char *out, const char *start, const char *name, long number
) {
  char text[24];
  if (number == 0) return out;
  snprintf(text, sizeof text, "%ld", number);
  return add_parameter(out, start, name, text);
}

/* Writes at most QUERY_SIZE bytes; returns their end. */
static char *write_query(char *start, const struct apv_request *request) {
  char *out = start;
  if (request->operation == APV_UPLOAD) {
    out = add_parameter(out, start, "token", request->token);
  }
  if (request->sort_by != NULL) {
    out = add_parameter(out, start, "sortBy", request->sort_by);
  }
  if (request->sort_order != NULL) {
    out = add_parameter(out, start, "sortOrder", request->sort_order);
  }
  out = add_number(out, start, "currentPage", request->current_page);
  out = add_number(out, start, "pageSize", request->page_size);
  *out = '\0';
  return out;
}

/* Copies a string without its terminator and returns what follows it. */
static char *append(char *at, const char *text) {
  size_t size = strlen(text);
  memcpy(at, text, size);
  return at + size;
}

/* Writes the path with its query, behind the base URL's path. */
static char *write_target(
  struct apv_outgoing *outgoing, const struct apv_request *request,
  const char *base_path, char *at
) {
  outgoing->target = at;
  at = append(at, base_path);
  outgoing->path = at;
  at = append(at, apv_operation_path(request->operation));
  if (request->token != NULL && request->operation != APV_UPLOAD) {
    at = append(at, request->token);
  }
  return write_query(at, request) + 1;
}

/* Copies a string and its terminator to `*at` and moves `*at` behind it. */
static const char *store(char **at, const char *text) {
  char *stored = *at;
  size_t size = strlen(text) + 1;
  memcpy(stored, text, size);
  *at = stored + size;
  return stored;
}

/* Returns what follows them. */
static char *write_texts(
  struct apv_outgoing *outgoing, const struct apv_request *request,
  const char *base_path, char *at
) {
  outgoing->token = store(&at, request->token ? request->token : "");
  outgoing->secret = store(&at, request->secret ? request->secret : "");
  if (request->body_size > 0) memcpy(at, request->body, request->body_size);
  outgoing->body = at;
  outgoing->body_size = request->body_size;
  at += request->body_size;
  return write_target(outgoing, request, base_path, at);
}

size_t apv_request_text_size(
  const struct apv_request *request, const struct apv_request_context *context
) {
  enum { ENDS = 3 /* of token, secret and target */ };
  enum apv_operation operation = request->operation;
  size_t size = ENDS + request->body_size + strlen(context->base_path);
  size += strlen(apv_operation_path(operation));
  if (operation == APV_LIST || operation == APV_UPLOAD) size += QUERY_SIZE;
  size += 2 * (request->token ? strlen(request->token) : 0);
  size += request->secret ? strlen(request->secret) : 0;
  if (request->part == NULL) return size;
  size += apv_form_text_size(request->part);
  const char *video_id = request->part->video_id;
  return size + (video_id ? strlen(video_id) : 0) + 1;
}

static void init_part(
  struct apv_outgoing *outgoing, const struct apv_part *part,
  struct apv_random *random, char *text
) {
  outgoing->video_id = store(&text, part->video_id ? part->video_id : "");
  apv_form_init(&outgoing->form, part, random, text);
}

enum apv_status apv_outgoing_init(
  struct apv_outgoing *outgoing, const struct apv_request *request,
  const struct apv_request_context *context, char *text
) {
  *outgoing = (struct apv_outgoing){.operation = request->operation};
  outgoing->credentials = apv_credentials_share(context->credentials);
  outgoing->lines = context->lines;
  text = write_texts(outgoing, request, context->base_path, text);
  if (request->part != NULL) {
    init_part(outgoing, request->part, context->random, text);
  }
  if (request->header_count == 0) return APV_OK;
  outgoing->own_lines =
    apv_lines_own(request->headers, request->header_count, context->lines);
  outgoing->lines = outgoing->own_lines;
  return outgoing->own_lines != NULL ? APV_OK : APV_NO_MEMORY;
}

void apv_outgoing_free(struct apv_outgoing *outgoing) {
  apv_lines_free(outgoing->own_lines);
  apv_form_drop(&outgoing->form);
  apv_credentials_drop(outgoing->credentials);
}

/* --- sending -------------------------------------------------------------- */

bool apv_outgoing_is_upload(const struct apv_outgoing *outgoing) {
  return outgoing->operation == APV_UPLOAD;
}

bool apv_outgoing_is_repeatable(const struct apv_outgoing *outgoing) {
  const char *video_id = outgoing->video_id;
  return apv_operation_repeatable(outgoing->operation) ||
         (video_id != NULL && *video_id != '\0');
}

/* No "Expect: 100-continue" of libcurl's: no other client of the service asks,
** and where nobody answers it costs a second for each part. */
static void add_extra_lines(
  struct apv_outgoing *outgoing, struct apv_transfer_spec *spec
) {
  static char json[] = "Content-Type: application/json";
  static char no_expect[] = "Expect:";
  char **line = spec->extra;
  if (apv_outgoing_is_upload(outgoing)) {
    char *range = outgoing->form.content_range;
    if (range != NULL) *line++ = range;
    *line++ = no_expect;
    *line++ = outgoing->form.content_type;
  } else if (outgoing->body_size > 0) {
    *line++ = json;
  }
  char *authorization = outgoing->credentials->line;
  if (apv_operation_authorized(outgoing->operation) && authorization != NULL) {
    *line++ = authorization;
  }
  spec->extra_count = (size_t)(line - spec->extra);
}

void apv_outgoing_describe(
  struct apv_outgoing *outgoing, struct apv_transfer_spec *spec
) {
  spec->method = apv_operation_method(outgoing->operation);
  spec->target = outgoing->target;
  spec->lines = outgoing->lines;
  spec->body = outgoing->body;
  spec->body_size = outgoing->body_size;
  spec->form = apv_outgoing_is_upload(outgoing) ? &outgoing->form : NULL;
  add_extra_lines(outgoing, spec);
}

/* --- what people may read ------------------------------------------------- */

struct apv_secrets apv_outgoing_secrets(const struct apv_outgoing *outgoing) {
  const struct apv_credentials *credentials = outgoing->credentials;
  return (struct apv_secrets){
    .token = outgoing->token,
    .hidden = {outgoing->secret, credentials->secret, credentials->api_key},
  };
}

size_t apv_outgoing_show(
  const struct apv_outgoing *outgoing, char *out, size_t size
) {
  struct apv_secrets secrets = apv_outgoing_secrets(outgoing);
  struct apv_slice path = apv_slice_of(outgoing->path);
  return apv_secrets_redact(&secrets, path, out, size);
}
