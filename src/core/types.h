/* The values that the API is about; see apv.h. */
#ifndef APV_TYPES_H
#define APV_TYPES_H

#include <stdbool.h>
#include <stddef.h>

#define APV_VERSION "0.2.0"

/* Around the declarations of each header: the core is linked into its host,
** and a shared library that holds it exports none of it. */
#if defined(__GNUC__)
#define APV_HIDDEN _Pragma("GCC visibility push(hidden)")
#define APV_SHOWN _Pragma("GCC visibility pop")
#else
#define APV_HIDDEN
#define APV_SHOWN
#endif

/* --- limits --------------------------------------------------------------- */

/* What arguments and settings may be at most. */
#define APV_LONGEST_TIME 1e6 /* seconds */
#define APV_MOST_RETRIES 100
#define APV_MOST_CONNECTIONS 10000
#define APV_MOST_RESPONSE_BYTES 1073741824
#define APV_MOST_PAGES 2147483647
#define APV_MOST_PAGE_SIZE 100
#define APV_MOST_PARTS 10000
#define APV_LONGEST_TEXT 65536 /* bytes: a key, a URL, one list of headers */
#define APV_LARGEST_OFFSET 9007199254740992 /* 2^53, bytes */

/* --- statuses ------------------------------------------------------------- */

/* How a function or a call ended: enum, kind, text. */
#define APV_STATUSES(X) \
  X(OK, "ok", "done") \
  X(CONNECTION, "connection", "the connection failed") \
  X(TIMEOUT, "timeout", "the deadline passed") \
  X(TLS, "tls", "the secure connection could not be set up") \
  X(PROTOCOL, "protocol", "the answer breaks the protocol") \
  X(CANCELLED, "cancelled", "the call was cancelled") \
  X(CLOSED, "closed", "the client is closed") \
  X(FILE, "file", "what was to be uploaded cannot be read") \
  X(THROTTLED, "too_many_requests", \
    "the service takes no more requests before the deadline") \
  X(INVALID, "invalid", "an argument is not allowed") \
  X(UNSUPPORTED, "unsupported", \
    "libcurl is older than 7.66, or lacks what is needed") \
  X(NO_MEMORY, "memory", "not enough memory")

enum apv_status {
#define X(name, kind, text) APV_##name,
  APV_STATUSES(X)
#undef X
};

/* --- operations ----------------------------------------------------------- */

/* The service limits the rate of each class of requests by itself. */
enum apv_class { APV_READS, APV_WRITES, APV_UPLOADS, APV_CLASS_COUNT };

/* The operations: enum, name, method, path, class, carries credentials, may
** be sent again when its answer was lost. An upload may, too, once the service
** knows the video. */
#define APV_OPERATIONS(X) \
  X(CREATE_TOKEN, "create_token", "POST", "/upload-tokens", WRITES, true, \
    false) \
  X(GET_TOKEN, "get_token", "GET", "/upload-tokens/", READS, true, true) \
  X(DELETE_TOKEN, "delete_token", "DELETE", "/upload-tokens/", WRITES, true, \
    true) \
  X(LIST, "list", "GET", "/upload-tokens", READS, true, true) \
  X(AUTHENTICATE, "authenticate", "POST", "/auth/api-key", WRITES, false, \
    true) \
  X(REFRESH, "refresh", "POST", "/auth/refresh", WRITES, false, false) \
  X(UPLOAD, "upload_with_upload_token", "POST", "/upload", UPLOADS, false, \
    false)

enum apv_operation {
#define X(name, text, method, path, class, authorized, repeatable) APV_##name,
  APV_OPERATIONS(X)
#undef X
    APV_OPERATION_COUNT
};

/* --- values --------------------------------------------------------------- */

/* Bytes somewhere else; not terminated. */
struct apv_slice {
  const char *data;
  size_t size;
};

struct apv_header {
  const char *name;
  const char *value;
};

/* What an answer says of the rate limit of its class; -1: not said. */
struct apv_limits {
  long long limit; /* requests in a window */
  long long remaining; /* requests left in the present window */
  long long window; /* seconds until it ends, rounded up */
  long long retry_after; /* seconds that are to be waited */
};

#endif
