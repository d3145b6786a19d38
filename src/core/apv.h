/* apivideo core: HTTP calls to api.video on libcurl's multi interface.
**
** Bytes and time, nothing else: no Lua, no JSON. A client owns connections
** and settings; a call is one request and its answer. Calls move only inside
** apv_client_step(), so the caller decides who waits.
**
** Strings given in are copied before a function returns. Strings handed out
** belong to the object they come from and live as long as it does.
** Time is in seconds, sizes are in bytes. A client and its calls belong to
** one thread; separate clients may run in separate threads. */
#ifndef APV_H
#define APV_H

#include "types.h"

APV_HIDDEN
#ifdef __cplusplus
extern "C" {
#endif

/* --- statuses ------------------------------------------------------------- */

/* The kind, "connection" for example; never NULL. */
const char *apv_status_name(enum apv_status status);
/* One line for people; never NULL. */
const char *apv_status_text(enum apv_status status);

/* --- memory --------------------------------------------------------------- */

/* Where the core takes its memory from. `allocate` returns NULL when there
** is none. Must be set before the first client is made, if at all. */
struct apv_allocator {
  void *(*allocate)(size_t size);
  void (*release)(void *block);
};

void apv_set_allocator(const struct apv_allocator *allocator);

/* --- operations ----------------------------------------------------------- */

const char *apv_operation_name(enum apv_operation operation);

/* --- libcurl -------------------------------------------------------------- */

/* The libcurl that is in use. The strings live as long as the process. */
struct apv_library {
  const char *curl; /* its version */
  const char *tls; /* its TLS library with the version; NULL: it has none */
  bool http2;
  bool threaded_lookup; /* names are looked up in a thread of their own */
  const char *ca_file; /* the default; NULL: libcurl has a way of its own */
};

void apv_library(struct apv_library *library);

/* NULL, or what the caller should know of it. */
const char *apv_library_warning(void);

/* --- client --------------------------------------------------------------- */

typedef struct apv_client apv_client;
typedef struct apv_call apv_call;
typedef struct apv_timer apv_timer;

struct apv_settings {
  const char *base_url; /* https://…, or http://… on a loopback host */
  const char *api_key; /* NULL: no Authorization header */
  const char *application; /* AV-Origin-App, "name:version", or NULL */
  const char *sdk; /* AV-Origin-Sdk, "name:version", or NULL */
  const char *proxy; /* URL; "": none; NULL: as the environment says */
  const char *ca_file; /* PEM bundle, or NULL: SSL_CERT_FILE, system */
  const struct apv_header *headers; /* sent with every request */
  size_t header_count;
  double timeout; /* of one call, all attempts together; not of uploads */
  double attempt_timeout; /* see struct apv_request */
  double idle_timeout;
  double connect_timeout; /* of one connection */
  int retries; /* further attempts after the first */
  long max_connections; /* open at once */
  size_t max_response_bytes; /* a larger body is APV_PROTOCOL */
};

/* Fills in the defaults; base_url is production's. */
void apv_settings_init(struct apv_settings *settings);

/* Makes a client; no I/O. On success `*client` is the caller's, to be freed
** with apv_client_free(). APV_INVALID: a setting is not allowed (the checks
** below say which); APV_NO_MEMORY. */
enum apv_status apv_client_new(
  const struct apv_settings *settings, apv_client **client
);

/* Ends calls in flight as APV_CANCELLED and closes connections; from then on
** apv_call_start() gives APV_CLOSED. May be called again. */
void apv_client_close(apv_client *client);

/* Closes and frees; calls and timers stay valid and the caller's to free.
** NULL is fine. */
void apv_client_free(apv_client *client);

bool apv_client_closed(const apv_client *client);

/* Sends `Authorization: Bearer` with this access token from the next call
** on; NULL sends the key again, if there is one. APV_INVALID, APV_NO_MEMORY. */
enum apv_status apv_client_set_access_token(
  apv_client *client, const char *access_token
);

/* Moves all calls on, and waits up to `seconds` until a call or a timer ends;
** 0 never waits. Returns how many calls are in flight. */
int apv_client_step(apv_client *client, double seconds);

/* The same number, and nothing moves. */
int apv_client_in_flight(const apv_client *client);

/* A call that has ended and was not handed out here before, those that ended
** first first; NULL: there is none. */
apv_call *apv_client_next_ended(apv_client *client);

/* The same with timers that have fired or were stopped. */
apv_timer *apv_client_next_fired(apv_client *client);

/* --- a host's event loop -------------------------------------------------- */

/* `*fd` is readable when apv_client_step() has something to do: a loop needs
** to watch nothing else, and while nothing is in flight it stays silent. A
** call that is cancelled makes it readable once. It belongs to the client, and
** is another one after a fork. From the first one on a step is short: it sends
** a few requests, reads for half a millisecond, and may have more to do then.
** APV_CLOSED; APV_UNSUPPORTED: this system has no such thing; APV_NO_MEMORY:
** also when there are no more descriptors; APV_CONNECTION: see
** apv_call_start(). */
enum apv_status apv_client_fd(apv_client *client, int *fd);

/* From now on the host steps by itself after each call that it starts: that
** does not make the descriptor readable. */
void apv_client_follow(apv_client *client);

/* Seconds until a step is due even if no descriptor becomes readable, 0: now;
** below 0: nothing will happen by itself. */
double apv_client_timeout(const apv_client *client);

/* Seconds on a clock that never goes back. */
double apv_now(void);

/* --- timers --------------------------------------------------------------- */

/* Starts a timer of the client, which ends after `seconds`, or, below 0, when
** it is stopped. On success `*timer` is the caller's, to be freed with
** apv_timer_free(). APV_INVALID, APV_CLOSED, APV_NO_MEMORY, APV_CONNECTION: as
** apv_call_start(). */
enum apv_status apv_timer_start(
  apv_client *client, double seconds, apv_timer **timer
);

/* Ends the timer unless it has ended; so does closing its client. */
void apv_timer_stop(apv_timer *timer);

/* Stops and frees. NULL is fine. */
void apv_timer_free(apv_timer *timer);

/* It has fired or was stopped. */
bool apv_timer_done(const apv_timer *timer);

/* Its time passed before it was stopped. */
bool apv_timer_fired(const apv_timer *timer);

/* Calls and timers of a client are counted together. */
unsigned long apv_timer_number(const apv_timer *timer);

/* --- checks --------------------------------------------------------------- */

/* What apv_client_new() and apv_call_start() refuse; sizes in bytes. */
bool apv_token_is_valid(const char *token, size_t size);
bool apv_header_name_is_valid(const char *name, size_t size);
/* Names that the library sets itself, such as Authorization. */
bool apv_header_name_is_reserved(const char *name);
/* An application and an SDK are "name:version": the name is 1 to 50 of
** A-Z a-z 0-9 _ -, the version one to three numbers of one to three digits. */
bool apv_identity_name_is_valid(const char *name, size_t size);
bool apv_version_is_valid(const char *version);
/* Header values, credentials and paths: UTF-8 without control characters. */
bool apv_text_is_valid(const char *text, size_t size);
/* 1 to 255 bytes of UTF-8 without control characters, / and \. */
bool apv_file_name_is_valid(const char *name, size_t size);
/* APV_OK; APV_INVALID, and `*problem` is what is wrong, as the end of a
** sentence; APV_NO_MEMORY. */
enum apv_status apv_check_api_key(const char *key, const char **problem);
enum apv_status apv_check_base_url(const char *url, const char **problem);
enum apv_status apv_check_proxy(const char *url, const char **problem);
enum apv_status apv_check_ca_file(const char *path, const char **problem);
/* What a client of plain HTTP, which is for this machine, must not have. */
enum apv_status apv_check_plain(
  const struct apv_settings *settings, const char **problem
);

/* --- files that are uploaded ---------------------------------------------- */

typedef struct apv_file apv_file;

/* What tells one file, and one state of it, from another. */
struct apv_identity {
  unsigned long long device;
  unsigned long long inode;
  long long size; /* bytes */
  long long modified; /* Unix seconds */
  long nanoseconds; /* behind them */
};

/* Opens a regular file; never waits. On success `*file` is the caller's, to be
** given back with apv_file_drop(); parts of an upload keep their own
** reference. APV_FILE: `*problem` says why not; APV_NO_MEMORY. */
enum apv_status apv_file_open(
  const char *path, apv_file **file, const char **problem
);

/* The same with a descriptor that is open already, which stays the caller's
** and whose position stays where it is. */
enum apv_status apv_file_adopt(int fd, apv_file **file, const char **problem);

/* Gives one reference back. NULL is fine. */
void apv_file_drop(apv_file *file);

/* As it was when it was opened. */
struct apv_identity apv_file_identity(const apv_file *file);

/* --- calls ---------------------------------------------------------------- */

/* What an upload sends: a whole file, or a numbered part of it. */
struct apv_part {
  const char *video_id; /* NULL: the service makes a new video */
  const char *file_name; /* the video's title */
  int number; /* from 1; 0: the whole file at once */
  int total; /* parts in all; 0: not known yet */
  apv_file *file; /* where the bytes are; NULL: in `data` */
  const char *data; /* not copied: must live until the call is done */
  long long offset; /* of the first byte */
  long long size; /* bytes, 1 or more */
  bool repeated; /* an earlier upload, which broke off, may have stored it */
};

struct apv_request {
  enum apv_operation operation;
  const char *token; /* get, delete, upload: the upload token */
  const struct apv_part *part; /* upload */
  const char *secret; /* what else must never be shown, or NULL */
  const char *sort_by; /* list: "createdAt", "ttl"; NULL, 0: as the service has
                       ** it */
  const char *sort_order; /* "asc", "desc" */
  long current_page;
  long page_size;
  const char *body; /* POST, but of no upload: the JSON to send */
  size_t body_size;
  const struct apv_header *headers; /* beat the client's of the same name */
  size_t header_count;
  double timeout; /* seconds until the deadline of the call; 0: the client's,
                  ** or, of an upload, none */
  double attempt_timeout; /* an attempt that may be repeated and hears nothing
                          ** for so long is, on a connection of its own, if the
                          ** deadline leaves room; 0: never; below 0: the
                          ** client's */
  double idle_timeout; /* of an upload: the longest time without progress; 0:
                       ** the client's */
  int retries; /* further attempts after the first; below 0: the client's */
};

/* A request that leaves everything to the client's settings. */
void apv_request_init(
  struct apv_request *request, enum apv_operation operation
);

/* Queues a call; it moves in apv_client_step(). On success `*call` is the
** caller's, to be freed with apv_call_free(). APV_INVALID, APV_CLOSED,
** APV_NO_MEMORY, APV_CONNECTION (libcurl got no descriptors for itself):
** nothing was queued. */
enum apv_status apv_call_start(
  apv_client *client, const struct apv_request *request, apv_call **call
);

/* Ends the call as APV_CANCELLED unless it has ended. */
void apv_call_cancel(apv_call *call);

/* Cancels and frees, wiping what was secret. NULL is fine. */
void apv_call_free(apv_call *call);

bool apv_call_done(const apv_call *call);

/* The following hold once the call is done. */
enum apv_status apv_call_status(const apv_call *call);
/* What failed, for experts: libcurl's words, secrets masked, or ours. */
const char *apv_call_failure(const apv_call *call);
/* A plain explanation of the failure for operators, or NULL. */
const char *apv_call_hint(const apv_call *call);
/* The service carried the request out, and its answer is complete. */
bool apv_call_succeeded(const apv_call *call);
/* True if the call failed, or its body is useless, but the service may have
** processed it, so that a second call could repeat its effect. */
bool apv_call_ambiguous(const apv_call *call);
/* Whether the same call may succeed later. */
bool apv_call_retryable(const apv_call *call);
/* Seconds to wait before, as the service said; -1: it did not. */
long long apv_call_retry_after(const apv_call *call);
/* A delete that found nothing, after an attempt whose answer was lost: the
** token is gone, as it was to be. The HTTP status is 404. */
bool apv_call_already_gone(const apv_call *call);
/* The part may have been stored by this or an earlier attempt; an "already
** sent" answer then means success. */
bool apv_call_may_have_arrived(const apv_call *call);
int apv_call_attempts(const apv_call *call); /* that were begun */
double apv_call_elapsed(const apv_call *call);

/* At any time. */
unsigned long apv_call_number(const apv_call *call); /* the client's nth */
enum apv_operation apv_call_operation(const apv_call *call);
const char *apv_call_method(const apv_call *call);
/* Of an upload: the video that it goes to; "": a new one. */
const char *apv_call_video_id(const apv_call *call);
/* Bytes of the source that libcurl has taken in the present attempt. */
long long apv_call_progress(const apv_call *call);
/* Writes the path with its query, secrets masked, as apv_redact() does. */
size_t apv_call_path(const apv_call *call, char *out, size_t size);

/* --- answers -------------------------------------------------------------- */

/* The HTTP status; 0: no final answer came. */
long apv_call_http_status(const apv_call *call);
/* The request went over a connection that was open already. */
bool apv_call_reused(const apv_call *call);
struct apv_slice apv_call_body(const apv_call *call);
/* Frees the body early; the rest of the answer stays. */
void apv_call_drop_body(apv_call *call);
/* Truncates the body to 64 KiB. Done automatically for failed calls, because
** callers keep errors for a long time. */
void apv_call_cut_body(apv_call *call);

/* Walks the header lines: start with `*position` 0; false at the end. */
bool apv_call_next_header(
  const apv_call *call, size_t *position, struct apv_slice *name,
  struct apv_slice *value
);
/* The first header of that name, whatever its case; false: none. */
bool apv_call_header(
  const apv_call *call, const char *name, struct apv_slice *value
);
/* The first Content-Type; no data: there is none. */
struct apv_slice apv_call_content_type(const apv_call *call);
/* The rate limit of the call's class. */
struct apv_limits apv_call_limits(const apv_call *call);

/* --- secrets -------------------------------------------------------------- */

/* Writes `text` for people: every secret that the call (NULL: none) or its
** client knows, and everything that looks like one, is masked; control
** characters become spaces, what is not UTF-8 becomes "?". At most `size`
** bytes with the terminator, cut at a whole character. Returns the length. */
size_t apv_redact(
  const apv_call *call, struct apv_slice text, char *out, size_t size
);

/* The same, with what the client knows. */
size_t apv_client_redact(
  const apv_client *client, struct apv_slice text, char *out, size_t size
);

#ifdef __cplusplus
}
#endif
APV_SHOWN

#endif
