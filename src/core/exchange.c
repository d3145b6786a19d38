/* One request and its answer. */
#include "exchange.h"

#include <string.h>

#include "library.h"
#include "system.h"

/* Bytes that are read and sent at a time; libcurl allocates them for uploads
** only. Its own 64 KiB make 12 MiB/s in a host that steps every 5 ms. */
enum { UPLOAD_BUFFER = 512 * 1024 };

/* --- libcurl calls us; no Lua below here, ever ---------------------------- */

/* Notes why we end the transfer; libcurl ends it when a callback returns the 0
** that this returns. */
static size_t cut_off(
  struct apv_exchange *exchange, enum apv_status status, const char *why
) {
  exchange->abort_status = status;
  exchange->abort_reason = why;
  return 0;
}

/* 204 and 304 have no body. If the head announces one anyway, the connection
** is not reused: the stray bytes would be read as the next response. */
static void forbid_reuse_if_body_announced(struct apv_exchange *exchange) {
  long status = exchange->head.status;
  if (!exchange->head.ended || (status != 204 && status != 304)) return;
  if (apv_head_announces_body(&exchange->head)) {
    exchange->forbids_reuse = true;
    curl_easy_setopt(exchange->easy, CURLOPT_FORBID_REUSE, 1L);
  }
}

/* Over HTTP/2 an answer to one request shows that the connection is not silent
** for the others. */
static void note_answer(const struct apv_exchange *exchange) {
  double now;
  if (!exchange->head.multiplexed) return;
  now = apv_system_now();
  apv_connections_heard(exchange->connections, exchange->port, now);
}

static size_t on_header(char *data, size_t one, size_t size, void *context) {
  struct apv_exchange *exchange = context;
  const char *problem;
  (void)one; /* always 1 */
  struct apv_slice line = {data, size};
  enum apv_status status = apv_head_take(&exchange->head, line, &problem);
  if (status != APV_OK) return cut_off(exchange, status, problem);
  forbid_reuse_if_body_announced(exchange);
  if (exchange->head.final) note_answer(exchange);
  return size;
}

/* A page comes in several pieces, and would be copied from room to room. */
static void expect_body(struct apv_exchange *exchange) {
  curl_off_t size = 0;
  curl_easy_getinfo(exchange->easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &size);
  if (size > 0) apv_buffer_expect(&exchange->body, (size_t)size);
}

/* Keeps what is content; false: the transfer is cut off. */
static bool keep(
  struct apv_exchange *exchange, const char *content, size_t size
) {
  if (exchange->body.size == 0) expect_body(exchange);
  switch (apv_buffer_append(&exchange->body, content, size)) {
    case APV_APPENDED: return true;
    case APV_APPEND_NO_MEMORY: cut_off(exchange, APV_NO_MEMORY, NULL); break;
    case APV_OVER_LIMIT:
      cut_off(
        exchange, APV_PROTOCOL, "the answer is beyond max_response_bytes"
      );
      break;
  }
  return false;
}

/* Chunks are taken apart here: libcurl says of broken ones what it says of a
** connection that breaks. */
static bool keep_chunks(
  struct apv_exchange *exchange, const char *data, size_t size
) {
  const char *end = data + size, *content;
  bool broken;
  size_t count;
  do {
    count = apv_chunks_next(&exchange->chunks, &data, end, &content, &broken);
    if (count > 0 && !keep(exchange, content, count)) return false;
  } while (count > 0);
  if (broken) {
    cut_off(exchange, APV_PROTOCOL, "the answer's chunks are broken");
  }
  return !broken;
}

static size_t on_body(char *data, size_t one, size_t size, void *context) {
  struct apv_exchange *exchange = context;
  (void)one;
  bool kept = apv_head_is_chunked(&exchange->head)
                ? keep_chunks(exchange, data, size)
                : keep(exchange, data, size);
  return kept ? size : 0;
}

static void tell_moved(const struct apv_exchange *exchange) {
  exchange->moved(exchange->owner);
}

static size_t on_send(char *out, size_t one, size_t size, void *context) {
  struct apv_exchange *exchange = context;
  struct apv_form *form = exchange->form;
  size_t count = one * size;
  tell_moved(exchange);
  const char *problem = apv_form_read(form, out, &count);
  if (problem != NULL) {
    cut_off(exchange, APV_FILE, problem);
    return CURL_READFUNC_ABORT;
  }
  if (apv_form_is_whole(form)) exchange->whole = true;
  return count;
}

/* libcurl takes many bytes of a form at once, which then leave slowly: both
** count as progress. */
static int on_progress(
  void *context, curl_off_t total_down, curl_off_t down, curl_off_t total_up,
  curl_off_t up
) {
  struct apv_exchange *exchange = context;
  (void)total_down;
  (void)down;
  (void)total_up;
  if (up > exchange->left) tell_moved(exchange);
  exchange->left = up;
  return 0;
}

static curl_socket_t on_open(
  void *context, curlsocktype purpose, struct curl_sockaddr *address
) {
  struct apv_exchange *exchange = context;
  (void)purpose;
  exchange->connecting = true;
  if (exchange->owner == NULL) return CURL_SOCKET_BAD;
  return apv_connections_open(
    exchange->connections, address->family, address->socktype, address->protocol
  );
}

static int on_close(void *connections, curl_socket_t socket) {
  apv_connections_close(connections, socket);
  return 0;
}

/* libcurl only rewinds to the start, to repeat a request of which nothing has
** left; see on_request(). */
static int on_rewind(void *context, curl_off_t offset, int origin) {
  struct apv_exchange *exchange = context;
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_FAIL;
  apv_form_rewind(exchange->form);
  return CURL_SEEKFUNC_OK;
}

/* Whether a byte of the request was sent: none was if the connection turned out
** to be dead. */
static bool left_in_part(const struct apv_exchange *exchange) {
  long size = 0;
  curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &size);
  return size > 0;
}

/* The request is to leave on a connection that was open already. */
bool apv_exchange_reused(const struct apv_exchange *exchange) {
  long connects = 1;
  curl_easy_getinfo(exchange->easy, CURLINFO_NUM_CONNECTS, &connects);
  return connects == 0;
}

#if LIBCURL_VERSION_NUM >= 0x075000
/* The request is about to leave on a reused connection that the server has
** closed meanwhile. libcurl itself notices that before a read, except in
** versions that trust a connection which was used within the last second; what
** must happen once is never left to libcurl. */
static bool is_dead(const struct apv_exchange *exchange) {
  struct apv_connections *connections = exchange->connections;
  if (!exchange->once && !apv_library_trusts_connections()) return false;
  if (!apv_exchange_reused(exchange)) return false;
  return exchange->once
           ? !apv_connections_is_quiet(connections, exchange->port)
           : apv_connections_has_ended(connections, exchange->port);
}

/* libcurl calls this right before a request leaves. When a reused connection
** dies before the answer begins, libcurl sends the request again by itself.
** Only reads may be: a second create makes a second token, and a second delete
** is told that there is no such token although the first one succeeded. So
** other requests do not leave on a dead connection, and not twice. */
static int on_request(
  void *context, char *remote, char *local, int remote_port, int local_port
) {
  struct apv_exchange *exchange = context;
  (void)remote;
  (void)local;
  (void)remote_port;
  exchange->port = local_port;
  if (exchange->once && exchange->begun && left_in_part(exchange)) {
    cut_off(
      exchange, APV_CONNECTION, "the connection closed before the answer"
    );
    return CURL_PREREQFUNC_ABORT;
  }
  if (is_dead(exchange)) {
    exchange->stale = true;
    return CURL_PREREQFUNC_ABORT;
  }
  exchange->begun = true;
  return CURL_PREREQFUNC_OK;
}
#endif

#define SET(option, value) \
  do { \
    CURLcode set_code = curl_easy_setopt(easy, option, value); \
    if (set_code != CURLE_OK) return set_code; \
  } while (0)

/* --- life ----------------------------------------------------------------- */

CURLcode apv_exchange_hook(struct apv_exchange *exchange) {
  CURL *easy = exchange->easy;
  SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
  SET(CURLOPT_OPENSOCKETDATA, exchange);
  SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
  SET(CURLOPT_CLOSESOCKETDATA, exchange->connections);
  SET(CURLOPT_HTTP_TRANSFER_DECODING, 0L); /* see keep_chunks() */
  SET(CURLOPT_ERRORBUFFER, exchange->words);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, exchange);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, exchange);
  SET(CURLOPT_READFUNCTION, on_send);
  SET(CURLOPT_READDATA, exchange);
  SET(CURLOPT_SEEKFUNCTION, on_rewind);
  SET(CURLOPT_SEEKDATA, exchange);
  SET(CURLOPT_XFERINFOFUNCTION, on_progress);
  SET(CURLOPT_XFERINFODATA, exchange);
  SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
#if LIBCURL_VERSION_NUM >= 0x075000
  if (!apv_library_asks()) return CURLE_OK;
  SET(CURLOPT_PREREQFUNCTION, on_request);
  SET(CURLOPT_PREREQDATA, exchange);
#endif
  return CURLE_OK;
}

void apv_exchange_reset(struct apv_exchange *exchange) {
  apv_head_reset(&exchange->head);
  exchange->body.size = 0;
  exchange->body.limit = exchange->most_bytes;
  exchange->chunks = (struct apv_chunks){.left = 0};
  exchange->abort_status = APV_OK;
  exchange->abort_reason = NULL;
  exchange->connecting = false;
  exchange->begun = false;
  exchange->stale = false;
  exchange->port = 0;
  exchange->begun_at = apv_system_now();
  exchange->whole = exchange->form == NULL;
  exchange->left = 0;
  *exchange->words = '\0';
  if (exchange->form != NULL) apv_form_rewind(exchange->form);
}

/* Until a transfer begins, libcurl has the figures of the handle's last one. */
bool apv_exchange_has_connection(const struct apv_exchange *exchange) {
  double ready = 0;
  if (apv_library_asks()) return exchange->begun;
  if (exchange->fresh && !exchange->connecting) return false;
  curl_easy_getinfo(exchange->easy, CURLINFO_PRETRANSFER_TIME, &ready);
  return ready > 0;
}

/* What is asked of a proxy before has left in part, too. */
bool apv_exchange_sent(const struct apv_exchange *exchange) {
  return apv_exchange_has_connection(exchange) && left_in_part(exchange);
}

/* Its connection was ended for the silence that another one met on it. */
static bool was_caught(const struct apv_exchange *exchange) {
  return apv_connections_was_silent(
    exchange->connections, exchange->port, exchange->begun_at
  );
}

/* Its kept connection died before the answer began. libcurl itself repeats it
** then, but before 8.17 not every sixth time in the life of a handle. */
static bool was_dropped(const struct apv_exchange *exchange, CURLcode code) {
  if (code != CURLE_SEND_ERROR && code != CURLE_RECV_ERROR) return false;
  return apv_exchange_heard(exchange) == 0 && apv_exchange_reused(exchange);
}

bool apv_exchange_begins_anew(
  const struct apv_exchange *exchange, CURLcode code
) {
  if (exchange->stale) return true;
  if (code == CURLE_OK || exchange->once) return false;
  if (exchange->abort_status != APV_OK) return false;
  return was_caught(exchange) || was_dropped(exchange, code);
}

bool apv_exchange_looks_up(const struct apv_exchange *exchange) {
  return !exchange->connecting && !apv_exchange_has_connection(exchange);
}

size_t apv_exchange_heard(const struct apv_exchange *exchange) {
  const struct apv_head *head = &exchange->head;
  return head->lines.size + head->passed + exchange->body.size;
}
