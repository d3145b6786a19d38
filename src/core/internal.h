/* What the core's files share among themselves; see apv.h for the API.
** Included before any system header: it selects the edition of POSIX. */
#ifndef APV_INTERNAL_H
#define APV_INTERNAL_H

#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
/* Files beyond 2 GiB, also where a long has 32 bits. */
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#include <curl/curl.h>
#include <stdint.h>
#include <sys/types.h>

#include "apv.h"
#include "share.h"
#include "upload.h"

#if LIBCURL_VERSION_NUM < 0x074200
#error "apivideo needs libcurl 7.66 or newer"
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(hidden)
#endif

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
/* Keeps the first `size` bytes at most, unless there is no memory for that. */
void apv_buffer_cut(struct apv_buffer *buffer, size_t size);
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

/* --- timeline.c ----------------------------------------------------------- */

/* A call's place in a list that is ordered by a time; all zero: in none. */
struct apv_moment {
  double at; /* on apv_now()'s clock */
  bool listed;
  struct apv_moment *previous;
  struct apv_moment *next;
  apv_call *call;
};

/* All zero is an empty one. */
struct apv_timeline {
  struct apv_moment *first; /* the earliest */
  struct apv_moment *last;
};

void apv_timeline_insert(
  struct apv_timeline *line, struct apv_moment *moment, double at
);
/* Nothing happens when it is not listed. */
void apv_timeline_remove(struct apv_timeline *line, struct apv_moment *moment);

/* --- date.c --------------------------------------------------------------- */

/* Unix seconds of a date in one of HTTP's three forms; false: it is none, or
** before 1970. */
bool apv_http_date(struct apv_slice text, long long *seconds);

/* --- limits.c ------------------------------------------------------------- */

/* Seconds that an answer with these limits asks to wait; -1: it does not. */
long long apv_server_wait(const struct apv_limits *limits, long http_status);

/* --- retry.c -------------------------------------------------------------- */

/* What a client may lose by calls that fail before it repeats none; each
** success gives 1 back. */
enum { APV_RETRY_BUDGET = 500 };

/* How an attempt ended, and what else there is to consider. */
struct apv_outcome {
  bool repeatable; /* a second time does no harm */
  enum apv_status status;
  long http_status; /* 0: no answer */
  bool sent; /* the request began to leave */
  bool lasting; /* a failure that no attempt will change */
  int attempt; /* from 1 */
  int retries; /* attempts allowed after the first */
  double server_wait; /* seconds; below 0: none was named */
  double time_left; /* seconds until the deadline */
  int budget;
  double random; /* from 0 to below 1 */
};

#define APV_NO_RETRY (-1.0)

/* Seconds to wait before the next attempt, or APV_NO_RETRY. */
double apv_retry_wait(const struct apv_outcome *outcome);
/* Whether the service can have carried a request out, given whether it left
** and the status of its answer (0: none). */
bool apv_may_be_done(bool sent, long http_status);
/* What the next attempt takes off the budget. */
int apv_retry_cost(const struct apv_outcome *outcome);
/* Whether what ended like this may end otherwise later. */
bool apv_is_transient(enum apv_status status, long http_status, bool lasting);

/* --- gate.c --------------------------------------------------------------- */

struct apv_gate {
  double closed_until; /* on apv_now()'s clock */
  double window_ends; /* the same, of what follows; 0: nobody waits for it */
  unsigned window; /* its number; wraps */
  long long remaining; /* in this window; -1: not known */
  bool guessed; /* no answer has said so yet */
  long long in_flight;
  long long elsewhere; /* in flight in other processes */
  long long granted; /* that may still leave; below 0: any number */
  long long burst; /* most in flight while nothing is known */
};

void apv_gate_init(struct apv_gate *gate);
/* Whether one more request may leave. When not: look again when it opens, or
** when something in flight has ended. */
bool apv_gate_admits(struct apv_gate *gate, double now);
/* When it may admit more by itself; past or 0 when it admits now. */
double apv_gate_opens(const struct apv_gate *gate);
/* Every request that was sent is answered, and then it is told in which window
** it was, or lost later; `left`: at least in part. */
unsigned apv_gate_sent(struct apv_gate *gate);
void apv_gate_answered(
  struct apv_gate *gate, unsigned window, long http_status,
  const struct apv_limits *limits, double now
);
void apv_gate_lost(struct apv_gate *gate, bool left);
/* What other processes are told, and what they have told. */
struct apv_known apv_gate_known(const struct apv_gate *gate);
void apv_gate_learn(struct apv_gate *gate, const struct apv_known *known);

/* --- watch.c -------------------------------------------------------------- */

/* What a host's event loop watches: an epoll descriptor, which has libcurl's
** sockets in it and a timer. All zero: nobody watches. */
struct apv_watch {
  bool on;
  bool broken; /* the kernel had no memory for a socket */
  int epoll;
  int timer;
  double timer_at; /* when it fires, on apv_now()'s clock; INFINITY: never */
  double curl_at; /* when libcurl wants its turn; INFINITY: it does not */
};

/* From now on the engine moves by what is in the descriptor. APV_UNSUPPORTED:
** this system has no such thing; APV_NO_MEMORY. */
enum apv_status apv_watch_begin(apv_client *client);
/* Closes the descriptors, if there are any; libcurl is not told. */
void apv_watch_end(apv_client *client);
/* Moves on what has something to do, and stops reading after half a
** millisecond. */
CURLMcode apv_watch_move(apv_client *client);
/* Waits until there is something, or for that long. */
void apv_watch_wait(const apv_client *client, int ms);
/* Sees to it that the timer fires when the engine wants its turn, or earlier;
** INFINITY: that it does not fire. */
void apv_watch_arm(apv_client *client, double at);

/* --- client and call ------------------------------------------------------ */

/* Requests that the service counts together: those waiting to leave, in the
** order in which they may, and the gate that they go through. */
struct apv_lane {
  struct apv_timeline queue;
  struct apv_gate gate;
  double refused_until; /* those who cannot wait so long were refused */
};

struct apv_client {
  /* The engine: a process that forked starts a new one. */
  CURLM *multi; /* NULL until the first call */
  pid_t owner;
  bool closed;
  struct apv_watch watch;
  bool watched; /* a host has asked for it, also before a fork */
  bool followed; /* by a step, whatever is started */
  struct apv_timeline deadlines; /* of all calls in flight, and pauses */
  struct apv_timeline ended; /* calls that were not handed out since */
  int in_flight; /* calls that have not ended, pauses aside */
  unsigned long started; /* calls, since the client was made */
  unsigned long ends; /* of them */
  unsigned long moves; /* bytes of an upload were taken or left, so often */
  struct apv_lane lanes[APV_CLASS_COUNT];
  int retry_budget;
  uint64_t random; /* state of chance */
  CURL **idle; /* prepared handles, room for max_connections */
  long idle_count;

  /* Settings, fixed for life. */
  double timeout;
  double connect_timeout;
  int retries;
  long max_connections;
  size_t max_response_bytes;
  char *base_url; /* without a slash at its end */
  char *proxy; /* NULL: as the environment says */
  char *ca_file; /* NULL: whatever libcurl trusts by itself */
  struct apv_header_list *headers;
  struct apv_credentials *credentials;
};

struct apv_call {
  apv_client *client; /* NULL once the call is done and handed out */
  unsigned long number;
  enum apv_operation operation;
  bool done;
  bool to_proxy; /* it connects to the client's own proxy, and nothing else */
  int attempts;
  int retries;
  bool unsettled; /* an attempt was perhaps carried out: nothing says so */
  double started; /* on apv_now()'s clock */
  double elapsed;
  struct apv_moment deadline; /* in the client's deadlines, until it is done */
  double idle; /* seconds; above 0: the deadline is that long after the last
               ** byte that moved, and there is none between attempts */
  struct apv_moment turn; /* in its lane's queue, or in those that ended */

  /* The last attempt. */
  CURL *easy; /* NULL unless it is sent and not over */
  enum apv_status status;
  bool lasting; /* the failure will not go away by itself */
  bool sent; /* the request began to leave */
  bool reused;
  unsigned window; /* of the gate's, in which it was sent */
  bool head_ended; /* the last of its lines was empty */
  bool head_is_final; /* and what follows it is the body */
  size_t trailer_size; /* of the lines behind the body, which are passed over */
  long http_status;
  long long retry_after; /* seconds; -1: none */
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
  struct apv_upload upload;
  char failure[CURL_ERROR_SIZE];
  char text[]; /* token, secret, request body, url and texts of an upload */
};

/* --- request.c ------------------------------------------------------------ */

/* A call ready to be sent; sets nothing of the engine's. */
enum apv_status apv_call_new(
  apv_client *client, const struct apv_request *request, apv_call **call
);
enum apv_class apv_operation_class(enum apv_operation operation);
bool apv_operation_authorized(enum apv_operation operation);
bool apv_operation_repeatable(enum apv_operation operation);
/* The same of this call: an upload may when its video exists. */
bool apv_call_repeatable(const apv_call *call);

/* --- attempt.c ------------------------------------------------------------ */

/* A call's way from the queue through the gate to an answer, and back to the
** queue when it is to be sent again. */

void apv_lanes_init(apv_client *client);
/* Seeds chance anew, so that two processes do not wait the same. */
void apv_seed_random(apv_client *client);
/* Bytes that nobody can have known. */
void apv_random_bytes(apv_client *client, unsigned char *out, size_t size);
/* Bytes of an upload are on their way: its deadline is later from now on, if
** it is about that. */
void apv_call_moves(apv_call *call);
/* Puts a new call into its lane's queue, or ends it as APV_THROTTLED. A pause
** is in no queue. */
void apv_call_queue(apv_call *call);
/* Sends what may leave now. Returns whether there was something. */
bool apv_dispatch(apv_client *client, double now);
/* When the next call may leave; INFINITY: none is waiting. */
double apv_next_turn(const apv_client *client);
/* libcurl has ended the call's transfer: sends it again later, or ends it. */
void apv_attempt_over(apv_call *call, CURLcode code);
/* Ends the call, wherever it is; in every case this way. */
void apv_call_end(apv_call *call, enum apv_status status);

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
/* Forgets the attempt before, if there was one. */
void apv_transfer_reset(apv_call *call);

/* --- framing.c ------------------------------------------------------------ */

/* NULL, or why nobody can tell from its head where the answer ends. */
const char *apv_length_problem(const apv_call *call);
/* Whether the head says that a body follows. */
bool apv_announces_body(const apv_call *call);

/* --- ca.c ----------------------------------------------------------------- */

/* The CA bundle to use: SSL_CERT_FILE, libcurl's own default, or a usual place
** when that does not exist here. NULL: libcurl trusts in a way of its own. */
const char *apv_default_ca_file(void);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
