/* What the core's files share among themselves; see apv.h for the API.
** Included before any system header: it selects the edition of POSIX. */
#ifndef APV_INTERNAL_H
#define APV_INTERNAL_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif

#include <curl/curl.h>
#include <stdint.h>
#include <sys/types.h>

#include "apv.h"

#if LIBCURL_VERSION_NUM < 0x074200
#error "apivideo needs libcurl 7.66 or newer"
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(hidden)
#endif

/* --- memory.c ------------------------------------------------------------- */

/* Zeroed memory, or NULL. */
void *apv_allocate(size_t size);
/* Wipes `size` bytes and releases the block; NULL is fine. */
void apv_release(void *block, size_t size);

/* --- buffer.c ------------------------------------------------------------- */

/* Bytes that grow up to `limit`; all zero is an empty buffer that holds
** nothing. */
struct apv_buffer {
  char *data;
  size_t size;
  size_t capacity;
  size_t limit;
};

enum apv_append { APV_APPENDED, APV_OVER_LIMIT, APV_APPEND_NO_MEMORY };

enum apv_append apv_buffer_append(
  struct apv_buffer *buffer, const char *data, size_t size
);
/* Wipes and releases the bytes; the limit stays. */
void apv_buffer_free(struct apv_buffer *buffer);

/* --- global.c ------------------------------------------------------------- */

/* Sets libcurl up once in a process. */
enum apv_status apv_global_init(void);

/* --- headers.c ------------------------------------------------------------ */

/* Header lines for libcurl, in one block: nodes first, then their text. */
struct apv_header_list {
  size_t block_size;
  size_t count;
  struct curl_slist *nodes;
};

/* The headers of every request of a client; NULL: no memory. */
struct apv_header_list *apv_common_headers(const struct apv_settings *settings);
bool apv_headers_are_valid(const struct apv_header *headers, size_t count);
/* A call's own headers, and then those of `common` that they do not replace;
** the text of the latter is shared, so `common` must outlive the list. */
struct apv_header_list *apv_call_headers(
  const struct apv_request *request, const struct apv_header_list *common
);
void apv_header_list_free(struct apv_header_list *list);

/* --- credentials.c -------------------------------------------------------- */

/* A client's secrets, shared with the calls that were made with them. */
struct apv_credentials {
  int references;
  size_t block_size;
  const char *api_key; /* NULL: none */
  const char *secret; /* what `line` carries: base64 or access token */
  char *line; /* "Authorization: …", NULL: none */
};

/* Basic from the key, or Bearer when there is an access token. NULL: no
** memory. The result has one reference. */
struct apv_credentials *apv_credentials_new(
  const char *api_key, const char *access_token
);
struct apv_credentials *apv_credentials_share(struct apv_credentials *it);
/* Gives one reference back; the last one wipes and frees. NULL is fine. */
void apv_credentials_drop(struct apv_credentials *it);

/* --- client and call ------------------------------------------------------ */

struct apv_client {
  /* The engine: a process that forked starts a new one. */
  CURLM *multi; /* NULL until the first call */
  pid_t owner;
  bool closed;
  apv_call *first; /* calls in flight, earliest deadline first */
  apv_call *last;
  int in_flight;
  CURL **idle; /* prepared handles, room for max_connections */
  long idle_count;

  /* Settings, fixed for life. */
  double timeout;
  double connect_timeout;
  long max_connections;
  size_t max_response_bytes;
  char *base_url; /* without a slash at its end */
  char *proxy; /* NULL: as the environment says */
  char *ca_file; /* NULL: libcurl's default */
  bool trusts_ca_file_only;
  struct apv_header_list *headers;
  struct apv_credentials *credentials;
};

struct apv_call {
  apv_client *client; /* NULL once the call is done */
  apv_call *previous;
  apv_call *next;
  CURL *easy; /* NULL unless in flight */
  enum apv_operation operation;
  enum apv_status status;
  bool done;
  bool sent; /* the request began to leave */
  bool reused;
  int attempts;
  long http_status;
  double started; /* on apv_now()'s clock */
  double deadline;
  double elapsed;
  bool head_ended; /* the last of its lines was empty */
  struct apv_buffer head; /* raw header lines of the last answer */
  struct apv_buffer body;
  const char *broken; /* why we cut the answer off, or NULL */
  struct apv_credentials *credentials;
  struct apv_header_list *own_headers; /* NULL: the client's are enough */
  struct curl_slist content_type; /* the nodes before the shared list */
  struct curl_slist authorization;
  struct curl_slist *header_lines; /* where the list starts */
  size_t block_size;
  const char *url;
  const char *path; /* inside url */
  const char *token; /* "" when there is none */
  const char *secret;
  const char *request_body;
  size_t request_body_size;
  char failure[CURL_ERROR_SIZE];
  char text[]; /* token, secret, request body and url */
};

/* --- request.c ------------------------------------------------------------ */

/* A call ready to be sent; sets nothing of the engine's. */
enum apv_status apv_call_new(
  apv_client *client, const struct apv_request *request, apv_call **call
);
bool apv_operation_authorized(enum apv_operation operation);
bool apv_operation_repeatable(enum apv_operation operation);

/* --- transfer.c ----------------------------------------------------------- */

/* A libcurl handle with what is the same for all calls of the client. */
CURL *apv_transfer_new(apv_client *client);
/* Gives the handle the call's request. */
CURLcode apv_transfer_prepare(CURL *easy, apv_call *call);
/* Whether the request began to leave. */
bool apv_transfer_sent(const apv_call *call);
/* Lets the handle forget its call, so that it may outlive it. */
void apv_transfer_release(CURL *easy);
/* Reads into the call how the transfer ended. */
void apv_transfer_finish(apv_call *call, CURLcode code);

/* --- ca.c ----------------------------------------------------------------- */

/* The CA bundle to use: SSL_CERT_FILE, NULL for libcurl's own default, or a
** usual place when that default does not exist here. */
const char *apv_default_ca_file(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
