/* From an operation and its arguments to a call that can be sent. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
  TOKEN_SIZE = 128, /* longest upload token */
  QUERY_SIZE = 256, /* longest query that list can ask for */
  HEAD_LIMIT = 64 * 1024 /* of all header lines of one answer */
};

static const struct {
  const char *name;
  const char *method;
  const char *path;
  enum apv_class class;
  bool authorized;
  bool repeatable;
} operations[] = {
#define X(name, text, method, path, class, authorized, repeatable) \
  {text, method, path, APV_##class, authorized, repeatable},
  APV_OPERATIONS(X)
#undef X
};

const char *apv_operation_name(enum apv_operation operation) {
  return operations[operation].name;
}

enum apv_class apv_operation_class(enum apv_operation operation) {
  return operations[operation].class;
}

bool apv_operation_authorized(enum apv_operation operation) {
  return operations[operation].authorized;
}

bool apv_operation_repeatable(enum apv_operation operation) {
  return operations[operation].repeatable;
}

bool apv_call_repeatable(const apv_call *call) {
  const char *video_id = call->upload.video_id;
  return apv_operation_repeatable(call->operation) ||
         (video_id != NULL && *video_id != '\0');
}

/* Letters differ from their capitals in one bit. */
static bool is_token_byte(char c) {
  bool letter = (unsigned char)((c | 0x20) - 'a') < 26;
  return letter || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool apv_token_is_valid(const char *token, size_t size) {
  if (size < 1 || size > TOKEN_SIZE) return false;
  for (size_t i = 0; i < size; i++) {
    if (!is_token_byte(token[i])) return false;
  }
  return true;
}

/* Words of a query are letters; anything else would need escaping. */
static bool is_word(const char *text) {
  static const char letters[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  size_t size = strlen(text);
  return size <= 32 && strspn(text, letters) == size;
}

static bool request_is_valid(const struct apv_request *request) {
  bool uploads = request->operation == APV_UPLOAD;
  bool names_token = uploads || request->operation == APV_GET_TOKEN ||
                     request->operation == APV_DELETE_TOKEN;
  const char *token = request->token;
  if (names_token != (token != NULL)) return false;
  if (names_token && !apv_token_is_valid(token, strlen(token))) return false;
  if (uploads != (request->part != NULL)) return false;
  if (uploads && !apv_part_is_valid(request->part)) return false;
  if (request->sort_by != NULL && !is_word(request->sort_by)) return false;
  if (request->sort_order != NULL && !is_word(request->sort_order)) {
    return false;
  }
  if (!apv_headers_are_valid(request->headers, request->header_count)) {
    return false;
  }
  return request->timeout >= 0 && request->timeout <= APV_LONGEST_TIME;
}

/* Appends one query parameter; `*separator` is what stands before it. */
static char *add_parameter(
  char *out, char *separator, const char *name, const char *value
) {
  int size = sprintf(out, "%c%s=%s", *separator, name, value);
  *separator = '&';
  return out + size;
}

/* Writes at most QUERY_SIZE bytes: two words and two numbers. */
static void write_query(char *out, const struct apv_request *request) {
  char separator = '?';
  char number[24];
  if (request->sort_by != NULL) {
    out = add_parameter(out, &separator, "sortBy", request->sort_by);
  }
  if (request->sort_order != NULL) {
    out = add_parameter(out, &separator, "sortOrder", request->sort_order);
  }
  if (request->current_page > 0) {
    snprintf(number, sizeof number, "%ld", request->current_page);
    out = add_parameter(out, &separator, "currentPage", number);
  }
  if (request->page_size > 0) {
    snprintf(number, sizeof number, "%ld", request->page_size);
    out = add_parameter(out, &separator, "pageSize", number);
  }
  *out = '\0';
}

/* Copies a string and its terminator to `*at` and moves `*at` behind it. */
static const char *store(char **at, const char *text) {
  char *stored = *at;
  size_t size = strlen(text) + 1;
  memcpy(stored, text, size);
  *at = stored + size;
  return stored;
}

/* Those whose size is only bounded go last. */
static void write_texts(apv_call *call, const struct apv_request *request) {
  char *at = call->text;
  call->token = store(&at, request->token ? request->token : "");
  call->secret = store(&at, request->secret ? request->secret : "");
  if (request->body_size > 0) memcpy(at, request->body, request->body_size);
  call->request_body = at;
  call->request_body_size = request->body_size;
  at += request->body_size;
  const char *base = call->client->base_url;
  const char *path = operations[request->operation].path;
  int size = sprintf(at, "%s%s%s", base, path, call->token);
  write_query(at + size, request);
  call->url = at;
  call->path = at + strlen(base);
  if (request->part == NULL) return;
  apv_upload_init(call, request->part, at + size + 1);
}

static size_t texts_size(
  const apv_client *client, const struct apv_request *request
) {
  size_t size = strlen(client->base_url) + QUERY_SIZE + request->body_size;
  size += strlen(operations[request->operation].path);
  size += 2 + 2 * (request->token ? strlen(request->token) : 0);
  size += request->secret ? strlen(request->secret) : 0;
  size += request->part ? apv_upload_text_size(request->part) : 0;
  return size;
}

static char content_type_line[] = "Content-Type: application/json";

/* Puts the call's own nodes before the list that is shared. */
static void link_headers(apv_call *call) {
  struct apv_header_list *shared =
    call->own_headers ? call->own_headers : call->client->headers;
  char *line = call->credentials->line;
  call->header_lines = shared->nodes;
  if (apv_operation_authorized(call->operation) && line != NULL) {
    call->authorization.data = line;
    call->authorization.next = call->header_lines;
    call->header_lines = &call->authorization;
  }
  if (call->operation == APV_UPLOAD) {
    apv_upload_link_headers(call);
  } else if (call->request_body_size > 0) {
    call->content_type.data = content_type_line;
    call->content_type.next = call->header_lines;
    call->header_lines = &call->content_type;
  }
}

/* Seconds. A pause without any lasts, and an upload ends when nothing moves. */
static double timeout_of(apv_call *call, const struct apv_request *request) {
  if (request->timeout > 0) return request->timeout;
  if (request->operation == APV_PAUSE) return INFINITY;
  if (request->operation != APV_UPLOAD) return call->client->timeout;
  call->idle = call->client->timeout;
  return APV_LONGEST_TIME;
}

enum apv_status apv_call_new(
  apv_client *client, const struct apv_request *request, apv_call **out
) {
  *out = NULL;
  if (!request_is_valid(request)) return APV_INVALID;
  size_t size = sizeof(apv_call) + texts_size(client, request);
  apv_call *call = apv_allocate(size);
  if (call == NULL) return APV_NO_MEMORY;
  call->block_size = size;
  call->client = client;
  call->to_proxy = client->proxy != NULL && *client->proxy != '\0';
  call->operation = request->operation;
  call->head.limit = HEAD_LIMIT;
  call->body.limit = client->max_response_bytes;
  call->credentials = apv_credentials_share(client->credentials);
  write_texts(call, request);
  if (request->header_count > 0) {
    call->own_headers = apv_call_headers(request, client->headers);
    if (call->own_headers == NULL) {
      apv_call_free(call);
      return APV_NO_MEMORY;
    }
  }
  link_headers(call);
  call->retries = request->retries >= 0 ? request->retries : client->retries;
  call->retry_after = -1;
  call->deadline.call = call;
  call->turn.call = call;
  call->started = apv_now();
  call->deadline.at = call->started + timeout_of(call, request);
  *out = call;
  return APV_OK;
}

const char *apv_call_method(const apv_call *call) {
  return operations[call->operation].method;
}

size_t apv_call_path(const apv_call *call, char *out, size_t size) {
  struct apv_slice path = {call->path, strlen(call->path)};
  return apv_redact(call, path, out, size);
}

unsigned long apv_call_number(const apv_call *call) {
  return call->number;
}

enum apv_operation apv_call_operation(const apv_call *call) {
  return call->operation;
}
