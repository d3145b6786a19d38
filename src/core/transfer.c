/* One attempt on libcurl. */
#include "transfer.h"

#include <string.h>

#include "easy.h"
#include "library.h"
#include "memory.h"
#include "system.h"

/* Bytes that are read and sent at a time; libcurl allocates them for uploads
** only. Its own 64 KiB make 12 MiB/s in a host that steps every 5 ms. */
enum { UPLOAD_BUFFER = 512 * 1024 };

/* --- libcurl calls us; no Lua below here, ever ---------------------------- */

/* libcurl ends the transfer. */
static size_t cut_off(
  struct apv_transfer *transfer, enum apv_status status, const char *why
) {
  transfer->abort_status = status;
  transfer->abort_reason = why;
  return 0;
}

/* 204 and 304 have no body. If the head announces one anyway, the connection
** is not reused: the stray bytes would be read as the next response. */
static void forbid_reuse_if_body_announced(struct apv_transfer *transfer) {
  long status = transfer->head.status;
  if (!transfer->head.ended || (status != 204 && status != 304)) return;
  if (apv_head_announces_body(&transfer->head)) {
    curl_easy_setopt(transfer->easy, CURLOPT_FORBID_REUSE, 1L);
  }
}

/* Over HTTP/2 other requests are on the same connection. */
static void note_answer(const struct apv_transfer *transfer) {
  double now;
  if (!transfer->head.multiplexed) return;
  now = apv_system_now();
  apv_connections_heard(transfer->connections, transfer->port, now);
}

static size_t on_header(char *data, size_t one, size_t size, void *context) {
  struct apv_transfer *transfer = context;
  const char *problem;
  (void)one; /* always 1 */
  struct apv_slice line = {data, size};
  enum apv_status status = apv_head_take(&transfer->head, line, &problem);
  if (status != APV_OK) return cut_off(transfer, status, problem);
  forbid_reuse_if_body_announced(transfer);
  if (transfer->head.final) note_answer(transfer);
  return size;
}

/* Keeps what is content; false: the transfer is cut off. */
static bool keep(
  struct apv_transfer *transfer, const char *content, size_t size
) {
  switch (apv_buffer_append(&transfer->body, content, size)) {
    case APV_APPENDED: return true;
    case APV_APPEND_NO_MEMORY: cut_off(transfer, APV_NO_MEMORY, NULL); break;
    case APV_OVER_LIMIT:
      cut_off(
        transfer, APV_PROTOCOL, "the answer is beyond max_response_bytes"
      );
      break;
  }
  return false;
}

/* Chunks are taken apart here: libcurl says of broken ones what it says of a
** connection that breaks. */
static bool keep_chunks(
  struct apv_transfer *transfer, const char *data, size_t size
) {
  const char *end = data + size, *content;
  bool broken;
  size_t count;
  do {
    count = apv_chunks_next(&transfer->chunks, &data, end, &content, &broken);
    if (count > 0 && !keep(transfer, content, count)) return false;
  } while (count > 0);
  if (broken) {
    cut_off(transfer, APV_PROTOCOL, "the answer's chunks are broken");
  }
  return !broken;
}

static size_t on_body(char *data, size_t one, size_t size, void *context) {
  struct apv_transfer *transfer = context;
  (void)one;
  bool kept = apv_head_is_chunked(&transfer->head)
                ? keep_chunks(transfer, data, size)
                : keep(transfer, data, size);
  return kept ? size : 0;
}

static void tell_moved(const struct apv_transfer *transfer) {
  transfer->spec.moved(transfer->spec.owner);
}

static size_t on_send(char *out, size_t one, size_t size, void *context) {
  struct apv_transfer *transfer = context;
  struct apv_form *form = transfer->spec.form;
  size_t count = one * size;
  tell_moved(transfer);
  const char *problem = apv_form_read(form, out, &count);
  if (problem != NULL) {
    cut_off(transfer, APV_FILE, problem);
    return CURL_READFUNC_ABORT;
  }
  if (apv_form_is_whole(form)) transfer->whole = true;
  return count;
}

/* libcurl takes many bytes at a time, which may leave slowly. */
static int on_progress(
  void *context, curl_off_t total_down, curl_off_t down, curl_off_t total_up,
  curl_off_t up
) {
  struct apv_transfer *transfer = context;
  (void)total_down;
  (void)down;
  (void)total_up;
  if (up > transfer->left) tell_moved(transfer);
  transfer->left = up;
  return 0;
}

static curl_socket_t on_open(
  void *context, curlsocktype purpose, struct curl_sockaddr *address
) {
  struct apv_transfer *transfer = context;
  (void)purpose;
  transfer->connecting = true;
  return apv_connections_open(
    transfer->connections, address->family, address->socktype, address->protocol
  );
}

static int on_close(void *connections, curl_socket_t socket) {
  apv_connections_close(connections, socket);
  return 0;
}

/* Only ever back to the start: where libcurl repeats a request of which nothing
** had left, see on_request(). */
static int on_rewind(void *context, curl_off_t offset, int origin) {
  struct apv_transfer *transfer = context;
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_FAIL;
  apv_form_rewind(transfer->spec.form);
  return CURL_SEEKFUNC_OK;
}

static bool is_read(const struct apv_transfer *transfer) {
  return strcmp(transfer->spec.method, "GET") == 0;
}

/* Not one byte leaves when a connection turns out to be dead on sending. */
static bool left_in_part(const struct apv_transfer *transfer) {
  long size = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_REQUEST_SIZE, &size);
  return size > 0;
}

/* The request is to leave on a connection that was open already. */
static bool is_reused(const struct apv_transfer *transfer) {
  long connects = 1;
  curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects);
  return connects == 0;
}

#if LIBCURL_VERSION_NUM >= 0x075000
/* Runs right before a request leaves. libcurl sends a request again, without
** a word, when a reused connection dies before the answer begins. Only reads
** may be: a second create makes a second token, and a second delete finds
** nothing, and says so, although the first succeeded. So the others do not
** leave on a connection that is dead already. */
static int on_request(
  void *context, char *remote, char *local, int remote_port, int local_port
) {
  struct apv_transfer *transfer = context;
  (void)remote;
  (void)local;
  (void)remote_port;
  transfer->port = local_port;
  if (!is_read(transfer)) {
    if (transfer->begun && left_in_part(transfer)) {
      cut_off(
        transfer, APV_CONNECTION, "the connection closed before the answer"
      );
      return CURL_PREREQFUNC_ABORT;
    }
    if (is_reused(transfer) && !apv_connections_is_quiet(transfer->connections, local_port)) {
      transfer->stale = true;
      return CURL_PREREQFUNC_ABORT;
    }
  }
  transfer->begun = true;
  return CURL_PREREQFUNC_OK;
}
#endif

/* --- options -------------------------------------------------------------- */

#define SET(option, value) \
  do { \
    CURLcode set_code = curl_easy_setopt(easy, option, value); \
    if (set_code != CURLE_OK) return set_code; \
  } while (0)

static CURLcode set_callbacks(CURL *easy, struct apv_transfer *transfer) {
  SET(CURLOPT_USERAGENT, "apivideo-lua/" APV_VERSION);
  SET(CURLOPT_PRIVATE, transfer);
  SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
  SET(CURLOPT_OPENSOCKETDATA, transfer);
  SET(CURLOPT_CLOSESOCKETFUNCTION, on_close);
  SET(CURLOPT_CLOSESOCKETDATA, transfer->connections);
  SET(CURLOPT_HTTP_TRANSFER_DECODING, 0L); /* see keep_chunks() */
  SET(CURLOPT_CURLU, transfer->url);
  SET(CURLOPT_ERRORBUFFER, transfer->words);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, transfer);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, transfer);
  SET(CURLOPT_READFUNCTION, on_send);
  SET(CURLOPT_READDATA, transfer);
  SET(CURLOPT_SEEKFUNCTION, on_rewind);
  SET(CURLOPT_SEEKDATA, transfer);
  SET(CURLOPT_XFERINFOFUNCTION, on_progress);
  SET(CURLOPT_XFERINFODATA, transfer);
  SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
#if LIBCURL_VERSION_NUM >= 0x075000
  if (!apv_library_asks()) return CURLE_OK;
  SET(CURLOPT_PREREQFUNCTION, on_request);
  SET(CURLOPT_PREREQDATA, transfer);
#endif
  return CURLE_OK;
}

enum apv_status apv_transfer_new(
  const struct apv_origin *origin, struct apv_connections *connections,
  struct apv_transfer **out
) {
  enum apv_status status = APV_NO_MEMORY;
  struct apv_transfer *transfer = apv_allocate(sizeof *transfer);
  if (transfer == NULL) goto fail;
  transfer->origin = origin;
  transfer->connections = connections;
  transfer->url = curl_url_dup(origin->url);
  if (transfer->url == NULL) goto fail;
  status = apv_easy_new(origin, &transfer->easy);
  if (status != APV_OK) goto fail;
  status = apv_library_status(set_callbacks(transfer->easy, transfer));
  if (status != APV_OK) goto fail;
  *out = transfer;
  return APV_OK;
fail:
  apv_transfer_free(transfer);
  *out = NULL;
  return status;
}

static void free_nodes(struct apv_transfer *transfer) {
  size_t size = transfer->node_count * sizeof *transfer->nodes;
  apv_release(transfer->nodes, size);
  transfer->nodes = NULL;
  transfer->node_count = 0;
}

void apv_transfer_free(struct apv_transfer *transfer) {
  if (transfer == NULL) return;
  curl_easy_cleanup(transfer->easy);
  curl_url_cleanup(transfer->url);
  apv_head_free(&transfer->head);
  apv_buffer_free(&transfer->body);
  free_nodes(transfer);
  apv_release(transfer, sizeof *transfer);
}

/* --- a request ------------------------------------------------------------ */

/* libcurl parses no URL for this: it takes the pieces. */
static CURLcode set_url(struct apv_transfer *transfer) {
  char path[512];
  const char *whole = transfer->spec.path;
  const char *base = transfer->origin->path;
  size_t base_size = strlen(base), size = strlen(whole) + 1;
  char *joined = NULL;
  if (base_size > 0) {
    joined =
      base_size + size <= sizeof path ? path : apv_allocate(base_size + size);
    if (joined == NULL) return CURLE_OUT_OF_MEMORY;
    memcpy(joined, base, base_size);
    memcpy(joined + base_size, whole, size);
    whole = joined;
  }
  CURLUcode code = curl_url_set(transfer->url, CURLUPART_PATH, whole, 0);
  if (joined != NULL && joined != path) apv_release(joined, base_size + size);
  if (code != CURLUE_OK) return CURLE_OUT_OF_MEMORY;
  code = curl_url_set(transfer->url, CURLUPART_QUERY, transfer->spec.query, 0);
  return code == CURLUE_OK ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

static bool make_room(struct apv_transfer *transfer, size_t count) {
  if (count <= transfer->node_count) return true;
  free_nodes(transfer);
  transfer->nodes = apv_allocate(count * sizeof *transfer->nodes);
  if (transfer->nodes == NULL) return false;
  transfer->node_count = count;
  return true;
}

static CURLcode set_headers(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  const struct apv_transfer_spec *spec = &transfer->spec;
  size_t count = spec->extra_count + spec->lines->count;
  if (!make_room(transfer, count)) return CURLE_OUT_OF_MEMORY;
  struct curl_slist *nodes = transfer->nodes;
  for (size_t i = 0; i < count; i++) {
    bool extra = i < spec->extra_count;
    nodes[i].data =
      extra ? spec->extra[i] : spec->lines->line[i - spec->extra_count];
    nodes[i].next = i + 1 < count ? &nodes[i + 1] : NULL;
  }
  SET(CURLOPT_HTTPHEADER, count > 0 ? nodes : NULL);
  return CURLE_OK;
}

static CURLcode set_method(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  const struct apv_transfer_spec *spec = &transfer->spec;
  if (strcmp(spec->method, "POST") == 0) {
    curl_off_t size = spec->form ? (curl_off_t)apv_form_size(spec->form)
                                 : (curl_off_t)spec->body_size;
    SET(CURLOPT_CUSTOMREQUEST, NULL);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, spec->form ? NULL : spec->body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, size);
    return CURLE_OK;
  }
  SET(CURLOPT_HTTPGET, 1L);
  SET(CURLOPT_CUSTOMREQUEST, is_read(transfer) ? NULL : spec->method);
  return CURLE_OK;
}

/* What must happen once goes over HTTP/1.1: over HTTP/2 nobody can tell a
** request that was refused from one that was carried out. Where libcurl does
** not ask before it sends a request again, it goes over a connection of its
** own, since only on a kept one is it ever sent again. */
static CURLcode set_connection(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  bool once = !is_read(transfer), asks = apv_library_asks();
  long version = once || !asks ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_NONE;
  transfer->fresh = transfer->spec.fresh || (once && !asks);
  if (transfer->alone) SET(CURLOPT_PIPEWAIT, 1L);
  transfer->alone = false;
  SET(CURLOPT_HTTP_VERSION, version);
  SET(CURLOPT_FRESH_CONNECT, transfer->fresh ? 1L : 0L);
  return CURLE_OK;
}

static CURLcode set_request(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  CURLcode code = set_method(transfer);
  if (code == CURLE_OK) code = set_url(transfer);
  if (code == CURLE_OK) code = set_headers(transfer);
  if (code != CURLE_OK) return code;
  SET(CURLOPT_NOPROGRESS, transfer->spec.form ? 0L : 1L);
  SET(CURLOPT_FORBID_REUSE, 0L); /* see forbid_reuse_if_body_announced() */
  return set_connection(transfer);
}

static void reset(struct apv_transfer *transfer) {
  apv_head_reset(&transfer->head);
  transfer->body.size = 0;
  transfer->body.limit = transfer->spec.most_bytes;
  transfer->chunks = (struct apv_chunks){.left = 0};
  transfer->abort_status = APV_OK;
  transfer->abort_reason = NULL;
  transfer->connecting = false;
  transfer->begun = false;
  transfer->stale = false;
  transfer->port = 0;
  transfer->begun_at = apv_system_now();
  transfer->whole = transfer->spec.form == NULL;
  transfer->left = 0;
  *transfer->words = '\0';
  if (transfer->spec.form != NULL) apv_form_rewind(transfer->spec.form);
}

enum apv_status apv_transfer_prepare(
  struct apv_transfer *transfer, const struct apv_transfer_spec *spec
) {
  transfer->spec = *spec;
  reset(transfer);
  return apv_library_status(set_request(transfer));
}

enum apv_status apv_transfer_renew(struct apv_transfer *transfer, bool fresh) {
  CURL *easy = transfer->easy;
  CURLcode code;
  reset(transfer);
  if (fresh) {
    transfer->fresh = true;
    code = curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  } else {
    transfer->alone = true;
    code = curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 0L);
  }
  return apv_library_status(code);
}

bool apv_transfer_waits(const struct apv_transfer *transfer) {
  return is_read(transfer) && transfer->origin->secure && !transfer->alone &&
         !transfer->connecting && !transfer->begun;
}

/* Until a transfer begins, libcurl has the figures of the handle's last one. */
static bool was_sent(const struct apv_transfer *transfer) {
  if (apv_library_asks()) return transfer->begun && left_in_part(transfer);
  if (transfer->fresh && !transfer->connecting) return false;
  /* What is asked of a proxy before counts as left, too. */
  double ready = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME, &ready);
  return ready > 0 && left_in_part(transfer);
}

size_t apv_transfer_heard(const struct apv_transfer *transfer) {
  const struct apv_head *head = &transfer->head;
  return head->lines.size + head->passed + transfer->body.size;
}

void apv_transfer_blame(struct apv_transfer *transfer) {
  int port = transfer->port;
  if (!was_sent(transfer)) return;
  apv_connections_end_silent(transfer->connections, port, transfer->begun_at);
}

void apv_transfer_finish(
  struct apv_transfer *transfer, CURLcode code,
  const struct apv_secrets *secrets, struct apv_verdict *verdict
) {
  const struct apv_form *form = transfer->spec.form;
  struct apv_facts facts = {
    .code = code,
    .words = transfer->words,
    .abort_status = transfer->abort_status,
    .abort_reason = transfer->abort_reason,
    .sent = was_sent(transfer),
    .whole = transfer->whole,
    .complete = form == NULL || apv_form_is_whole(form),
    .reused = is_reused(transfer),
    .proxied = transfer->origin->names_proxy,
    .connecting = transfer->connecting,
    .proxy_problem = transfer->origin->proxy_problem,
  };
  verdict->head = transfer->head;
  verdict->body = transfer->body;
  memset(&transfer->head, 0, sizeof transfer->head);
  memset(&transfer->body, 0, sizeof transfer->body);
  apv_verdict_reach(verdict, &facts, secrets);
}

void apv_transfer_release(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
  transfer->spec = (struct apv_transfer_spec){0};
}
