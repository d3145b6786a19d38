/* apivideo core: HTTP calls to api.video on libcurl's multi interface.
**
** Bytes and time, nothing else: no Lua, no JSON. A client owns connections
** and settings; a call is one request and its answer. Calls move only inside
** apv_client_step(), so the caller decides who waits.
**
** Strings given in are copied before a function returns. Strings handed out
** belong to the object they come from and live as long as it does.
** Time is in seconds, sizes are in bytes. A client and its calls belong to
** one thread; separate clients may run in separate threads.
*/
#ifndef APV_H
#define APV_H

#include <stdbool.h>
#include <stddef.h>

#define APV_VERSION "0.1.0"

#include "allocator.h"

/* Everything below is shared by our own files only, never exported. */
#if defined(__GNUC__)
#pragma GCC visibility push(hidden)
#endif

/* No time given to the core may be longer, in seconds. */
#define APV_LONGEST_TIME 1e6

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
    "libcurl is older than the one that apivideo was built with") \
  X(NO_MEMORY, "memory", "not enough memory")

enum apv_status {
#define X(name, kind, text) APV_##name,
  APV_STATUSES(X)
#undef X
};

/* The kind, "connection" for example; never NULL. */
const char *apv_status_name(enum apv_status status);
/* One line for people; never NULL. */
const char *apv_status_text(enum apv_status status);

/* What the service counts together against one limit. */
enum apv_class { APV_READS, APV_WRITES, APV_UPLOADS, APV_CLASS_COUNT };

/* The operations: enum, name, method, path, class, carries credentials, may
** be sent again when its answer was lost. An upload may, too, once the service
** knows the video. A pause sends nothing: it lasts for its timeout, if it has
** one, or until it is cancelled. */
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
  X(UPLOAD, "upload_with_upload_token", "POST", "/upload?token=", UPLOADS, \
    false, false) \
  X(PAUSE, "pause", "GET", "/", READS, false, false)

enum apv_operation {
#define X(name, text, method, path, class, authorized, repeatable) APV_##name,
  APV_OPERATIONS(X)
#undef X
    APV_OPERATION_COUNT
};

const char *apv_operation_name(enum apv_operation operation);

/* Bytes somewhere else; not terminated. */
struct apv_slice {
  const char *data;
  size_t size;
};

struct apv_header {
  const char *name;
  const char *value;
};

/* The libcurl that is in use. The strings live as long as the process. */
struct apv_library {
  const char *curl; /* its version */
  const char *tls; /* with the version of what does TLS; NULL: nothing does */
  bool http2;
  bool threaded_lookup; /* looking up a name holds nothing up */
  const char *ca_file; /* where no setting names one; NULL: libcurl's own way */
};

void apv_library(struct apv_library *library);

/* NULL, or what the caller should know of it. */
const char *apv_library_warning(void);

/* Keeps the shared library with this code in memory when a host unloads it. */
void apv_keep_loaded(void (*code)(void));

/* --- client --------------------------------------------------------------- */

typedef struct apv_client apv_client;
typedef struct apv_call apv_call;

struct apv_settings {
  const char *base_url; /* https://…, or http://… on a loopback host */
  const char *api_key; /* NULL: no Authorization header */
  const char *application; /* AV-Origin-App, "name:version", or NULL */
  const char *sdk; /* AV-Origin-Sdk, "name:version", or NULL */
  const char *proxy; /* URL; "": none; NULL: as the environment says */
  const char *ca_file; /* PEM bundle, or NULL: SSL_CERT_FILE, system */
  const struct apv_header *headers; /* sent with every request */
  size_t header_count;
  double timeout; /* of one call, all attempts together */
  double connect_timeout; /* of one connection */
  int retries; /* further attempts after the first, 0 or more */
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

/* Closes and frees; the calls stay valid and theirs to free. NULL is fine. */
void apv_client_free(apv_client *client);

bool apv_client_closed(const apv_client *client);

/* Sends `Authorization: Bearer` with this access token from the next call
** on; NULL sends the key again, if there is one. APV_INVALID, APV_NO_MEMORY. */
enum apv_status apv_client_set_access_token(
  apv_client *client, const char *access_token
);

/* Moves all calls on, and waits up to `seconds` until one of them ends.
** 0 never waits. Returns how many calls are still in flight, pauses aside. */
int apv_client_step(apv_client *client, double seconds);

/* The same number, and nothing moves. */
int apv_client_in_flight(const apv_client *client);

/* A call that has ended and was not handed out here before, those that ended
** first first; NULL: there is none. A call that was freed is no more. */
apv_call *apv_client_next_ended(apv_client *client);

/* --- a host's event loop -------------------------------------------------- */

/* `*fd` is readable when apv_client_step() has something to do: a loop needs
** to watch nothing else, and while nothing is in flight it stays silent. A
** call that is cancelled makes it readable once. It belongs to the client, and
** is another one after a fork. -1: this system has no such thing, or the
** client is closed. From the first one on a step is short: it sends a few
** requests, reads for half a millisecond, and may have more to do then.
** APV_NO_MEMORY: also when there are no more descriptors. */
enum apv_status apv_client_fd(apv_client *client, int *fd);

/* From now on the host steps by itself after each call that it starts: that
** alone sends nothing, and does not make the descriptor readable. */
void apv_client_follow(apv_client *client);

/* Seconds until a step is due even if no descriptor becomes readable, 0: now;
** below 0: nothing will happen by itself. */
double apv_client_timeout(const apv_client *client);

/* Seconds on a clock that never goes back. */
double apv_now(void);

/* --- checks --------------------------------------------------------------- */

/* What apv_client_new() and apv_call_start() refuse; sizes in bytes. */
bool apv_token_is_valid(const char *token, size_t size);
bool apv_header_name_is_valid(const char *name, size_t size);
/* Names that the library sets itself, such as Authorization. */
bool apv_header_name_is_reserved(const char *name);
/* Header values, credentials and paths: UTF-8 without control characters. */
bool apv_text_is_valid(const char *text, size_t size);
/* APV_OK; APV_INVALID, and `*problem` is what is wrong, as the end of a
** sentence; APV_NO_MEMORY. */
enum apv_status apv_check_base_url(const char *url, const char **problem);
enum apv_status apv_check_proxy(const char *url, const char **problem);

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

/* 1 to 255 bytes of UTF-8 without control characters, / and \. */
bool apv_file_name_is_valid(const char *name, size_t size);

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
  bool repeated; /* it may have arrived already, in an upload that broke off */
};

struct apv_request {
  enum apv_operation operation;
  const char *token; /* get, delete, upload: the upload token */
  const struct apv_part *part; /* upload */
  const char *secret; /* what else must never be shown, or NULL */
  const char *sort_by; /* list; NULL, 0: left to the service */
  const char *sort_order;
  long current_page;
  long page_size;
  const char *body; /* POST: the JSON to send */
  size_t body_size;
  const struct apv_header *headers; /* beat the client's of the same name */
  size_t header_count;
  double timeout; /* 0: the client's; that of an upload is then a limit not for
                  ** all of it, but for how long nothing of it moves */
  int retries; /* further attempts after the first; -1: the client's */
};

/* Queues a call; it moves in apv_client_step(). On success `*call` is the
** caller's, to be freed with apv_call_free(). APV_INVALID, APV_CLOSED,
** APV_NO_MEMORY: nothing was queued. */
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
/* libcurl's words for a failure, redacted already, or the status's text. */
const char *apv_call_failure(const apv_call *call);
/* What those words mean to somebody who runs a service, or NULL. */
const char *apv_call_hint(const apv_call *call);
/* With an answer of success: its body is what was asked for, if anything is. */
bool apv_call_succeeded(const apv_call *call);
/* Of a call that failed, or whose body is not what was asked for: the service
** may have carried the request out, and it must not be sent twice. */
bool apv_call_ambiguous(const apv_call *call);
/* Whether the same call may succeed later. */
bool apv_call_retryable(const apv_call *call);
/* Seconds to wait before, as the service said; -1: it did not. */
long long apv_call_retry_after(const apv_call *call);
/* A delete that found nothing, after an attempt whose answer was lost: the
** token is gone, as it was to be. The HTTP status is 404. */
bool apv_call_already_gone(const apv_call *call);
/* An upload of which nobody knows whether it has arrived, in one attempt or
** another: if the service says that it has, it has succeeded. */
bool apv_call_may_have_arrived(const apv_call *call);
int apv_call_attempts(const apv_call *call); /* that were begun */
double apv_call_elapsed(const apv_call *call);

/* At any time. */
unsigned long apv_call_number(const apv_call *call); /* the client's nth */
enum apv_operation apv_call_operation(const apv_call *call);
const char *apv_call_method(const apv_call *call);
/* Of an upload: the video that it goes to, "": a new one. */
const char *apv_call_video_id(const apv_call *call);
/* Bytes of the source that libcurl has taken in the present attempt. */
long long apv_call_progress(const apv_call *call);
/* Writes the path with its query, secrets masked, as apv_redact() does. */
size_t apv_call_path(const apv_call *call, char *out, size_t size);

/* --- answers -------------------------------------------------------------- */

/* The HTTP status, 0 when no answer came; a provisional one is none. */
long apv_call_http_status(const apv_call *call);
/* An earlier connection was used again. */
bool apv_call_reused(const apv_call *call);
struct apv_slice apv_call_body(const apv_call *call);
/* Frees the body early; the rest of the answer stays. */
void apv_call_drop_body(apv_call *call);
/* Frees what no error needs: an error may be kept for long, and what its answer
** takes is not seen by Lua's collector. An answer of failure comes cut. */
void apv_call_cut_body(apv_call *call);

/* Walks the header lines: start with `*position` 0; false at the end. */
bool apv_call_next_header(
  const apv_call *call, size_t *position, struct apv_slice *name,
  struct apv_slice *value
);
/* The same with those of one name, whatever its case. */
bool apv_call_next_named(
  const apv_call *call, size_t *position, const char *name,
  struct apv_slice *value
);
/* The first header of that name, whatever its case; false: none. */
bool apv_call_header(
  const apv_call *call, const char *name, struct apv_slice *value
);
/* The rate limit of the call's class; -1: not said. */
struct apv_limits {
  long long limit; /* requests in a window */
  long long remaining; /* of them, in the window that is running */
  long long window; /* seconds until it ends, rounded up */
  long long retry_after; /* seconds that are to be waited */
};
struct apv_limits apv_call_limits(const apv_call *call);

/* Reads digits, at most 15; anything else is false. */
bool apv_slice_number(struct apv_slice text, long long *number);

/* Tells texts apart that differ by chance; not those that are made to collide
** (FNV-1a). */
unsigned long long apv_checksum(struct apv_slice text);

/* Bytes of the UTF-8 character that `text` starts with; 0: it is none. */
size_t apv_utf8_size(struct apv_slice text);
bool apv_is_utf8(struct apv_slice text);

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

/* Room for a masked secret: 4 bytes, "…", 3 bytes and the terminator. */
#define APV_MASK_SIZE 11
/* "to1tcmSFHeYY5KzyhOqVKMKb" becomes "to1t…MKb"; short ones only "…". */
void apv_mask(const char *secret, size_t size, char out[APV_MASK_SIZE]);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
