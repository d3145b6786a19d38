/* One attempt on libcurl. */
#include "transfer.h"

#include <string.h>

#include "library.h"
#include "memory.h"
#include "system.h"

#if LIBCURL_VERSION_NUM >= 0x075000
#define HAVE_PREREQ 1
#else
#define HAVE_PREREQ 0
#endif

/* Seconds after which an unused connection is not used again: servers and load
** balancers close theirs after a minute, often without being heard. */
enum { LONGEST_IDLE = 50 };

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

static size_t on_header(char *data, size_t one, size_t size, void *context) {
  struct apv_transfer *transfer = context;
  const char *problem;
  (void)one; /* always 1 */
  struct apv_slice line = {data, size};
  enum apv_status status = apv_head_take(&transfer->head, line, &problem);
  if (status != APV_OK) return cut_off(transfer, status, problem);
  forbid_reuse_if_body_announced(transfer);
  return size;
}

static size_t on_body(char *data, size_t one, size_t size, void *context) {
  struct apv_transfer *transfer = context;
  (void)one;
  switch (apv_buffer_append(&transfer->body, data, size)) {
    case APV_APPENDED: return size;
    case APV_APPEND_NO_MEMORY: return cut_off(transfer, APV_NO_MEMORY, NULL);
    case APV_OVER_LIMIT: break;
  }
  return cut_off(
    transfer, APV_PROTOCOL, "the answer is beyond max_response_bytes"
  );
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
  int type = address->socktype;
  return apv_system_socket(address->family, type, address->protocol);
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

#if HAVE_PREREQ
/* Runs right before a request leaves. libcurl sends a request again, without
** a word, when a reused connection dies before the answer begins. Only reads
** may be: a second create makes a second token, and a second delete finds
** nothing, and says so, although the first succeeded. */
static int on_request(
  void *context, char *remote, char *local, int remote_port, int local_port
) {
  struct apv_transfer *transfer = context;
  (void)remote;
  (void)local;
  (void)remote_port;
  (void)local_port;
  if (transfer->begun && !is_read(transfer) && left_in_part(transfer)) {
    cut_off(
      transfer, APV_CONNECTION, "the connection closed before the answer"
    );
    return CURL_PREREQFUNC_ABORT;
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

/* What a libcurl may do without. */
#define SET_IF_KNOWN(option, value) \
  do { \
    CURLcode set_code = curl_easy_setopt(easy, option, value); \
    if (set_code != CURLE_OK && !apv_library_lacks(set_code)) return set_code; \
  } while (0)

/* Only HTTPS, or HTTP where the base URL was allowed to be. */
static CURLcode set_protocols(CURL *easy, bool secure) {
  CURLcode code = CURLE_UNKNOWN_OPTION;
#if LIBCURL_VERSION_NUM >= 0x075500
  const char *name = secure ? "https" : "http";
  code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, name);
#endif
  if (!apv_library_lacks(code)) return code;
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
  long protocol = secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP;
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, protocol);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

/* Always verified. libcurl keeps a bundle that it has read; with a directory
** beside it, it reads 50 ms anew for each connection. */
static CURLcode set_trust(CURL *easy, const struct apv_origin *origin) {
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
#ifdef CURLSSLOPT_REVOKE_BEST_EFFORT
  /* Windows' TLS asks whether certificates were revoked: authorities that do
  ** not say, private ones for example, are as good as others. */
  SET_IF_KNOWN(CURLOPT_SSL_OPTIONS, (long)CURLSSLOPT_REVOKE_BEST_EFFORT);
#endif
  if (origin->ca_file == NULL) return CURLE_OK;
  SET(CURLOPT_CAINFO, origin->ca_file);
  SET_IF_KNOWN(CURLOPT_CAPATH, NULL);
  return CURLE_OK;
}

/* No redirects, since they carry credentials elsewhere. */
static CURLcode set_safety(CURL *easy, const struct apv_origin *origin) {
  CURLcode code = set_protocols(easy, origin->secure);
  if (code == CURLE_OK && origin->secure) code = set_trust(easy, origin);
  if (code != CURLE_OK) return code;
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET_IF_KNOWN(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  /* A deadline does not wait for a resolver thread that hangs. */
  SET_IF_KNOWN(CURLOPT_QUICK_EXIT, 1L);
#endif
  return CURLE_OK;
}

/* A proxy over TLS is trusted like the service. Where a libcurl has no such
** proxies, there is nothing to set. */
static CURLcode set_proxy_trust(CURL *easy, const struct apv_origin *origin) {
  SET_IF_KNOWN(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
#ifdef CURLSSLOPT_REVOKE_BEST_EFFORT
  SET_IF_KNOWN(CURLOPT_PROXY_SSL_OPTIONS, (long)CURLSSLOPT_REVOKE_BEST_EFFORT);
#endif
  if (origin->ca_file == NULL) return CURLE_OK;
  SET_IF_KNOWN(CURLOPT_PROXY_CAINFO, origin->ca_file);
  SET_IF_KNOWN(CURLOPT_PROXY_CAPATH, NULL);
  return CURLE_OK;
}

/* Decided once, also that there is none: libcurl does not ask the environment
** for each request. It sees no header of ours. */
static CURLcode set_proxy(CURL *easy, const struct apv_origin *origin) {
  SET_IF_KNOWN(CURLOPT_PROXY, origin->proxy);
  SET_IF_KNOWN(CURLOPT_NOPROXY, origin->no_proxy);
  if (*origin->proxy == '\0') return CURLE_OK;
  SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
  SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
  return set_proxy_trust(easy, origin);
}

static CURLcode set_connection(CURL *easy, const struct apv_origin *origin) {
  long connect_ms = (long)(origin->connect_timeout * 1000.0);
  SET(CURLOPT_CONNECTTIMEOUT_MS, connect_ms > 0 ? connect_ms : 1L);
  /* Who speaks HTTP/2 says so in the handshake: until then a second call
  ** waits, instead of opening a connection of its own. */
  SET(CURLOPT_PIPEWAIT, origin->secure ? 1L : 0L);
  SET(CURLOPT_TCP_KEEPALIVE, 1L);
  SET(CURLOPT_MAXAGE_CONN, (long)LONGEST_IDLE);
  return CURLE_OK;
}

static CURLcode set_callbacks(CURL *easy, struct apv_transfer *transfer) {
  SET(CURLOPT_USERAGENT, "apivideo-lua/" APV_VERSION);
  SET(CURLOPT_PRIVATE, transfer);
  SET(CURLOPT_OPENSOCKETFUNCTION, on_open);
  SET(CURLOPT_OPENSOCKETDATA, transfer);
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
#if HAVE_PREREQ
  SET(CURLOPT_PREREQFUNCTION, on_request);
  SET(CURLOPT_PREREQDATA, transfer);
#endif
  return CURLE_OK;
}

/* How setting an option ended. */
static enum apv_status status_of(CURLcode code) {
  if (code == CURLE_OK) return APV_OK;
  return code == CURLE_OUT_OF_MEMORY ? APV_NO_MEMORY : APV_UNSUPPORTED;
}

enum apv_status apv_transfer_new(
  const struct apv_origin *origin, struct apv_transfer **out
) {
  enum apv_status status = APV_NO_MEMORY;
  CURLcode code;
  struct apv_transfer *transfer = apv_allocate(sizeof *transfer);
  if (transfer == NULL) goto fail;
  transfer->origin = origin;
  transfer->easy = curl_easy_init();
  transfer->url = curl_url_dup(origin->url);
  if (transfer->easy == NULL || transfer->url == NULL) goto fail;
  code = set_safety(transfer->easy, origin);
  if (code == CURLE_OK) code = set_proxy(transfer->easy, origin);
  if (code == CURLE_OK) code = set_connection(transfer->easy, origin);
  if (code == CURLE_OK) code = set_callbacks(transfer->easy, transfer);
  status = status_of(code);
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
    joined = base_size + size <= sizeof path ? path
                                             : apv_allocate(base_size + size);
    if (joined == NULL) return CURLE_OUT_OF_MEMORY;
    memcpy(joined, base, base_size);
    memcpy(joined + base_size, whole, size);
    whole = joined;
  }
  CURLUcode code = curl_url_set(transfer->url, CURLUPART_PATH, whole, 0);
  if (joined != NULL && joined != path) apv_release(joined, base_size + size);
  if (code != CURLUE_OK) return CURLE_OUT_OF_MEMORY;
  code =
    curl_url_set(transfer->url, CURLUPART_QUERY, transfer->spec.query, 0);
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

static CURLcode set_request(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  CURLcode code = set_method(transfer);
  if (code == CURLE_OK) code = set_url(transfer);
  if (code == CURLE_OK) code = set_headers(transfer);
  if (code != CURLE_OK) return code;
  SET(CURLOPT_NOPROGRESS, transfer->spec.form ? 0L : 1L);
  SET(CURLOPT_FORBID_REUSE, 0L); /* see forbid_reuse_if_body_announced() */
#if !HAVE_PREREQ
  /* Only a request on a reused connection is ever sent again. */
  SET(CURLOPT_FRESH_CONNECT, is_read(transfer) ? 0L : 1L);
#endif
  return CURLE_OK;
}

enum apv_status apv_transfer_prepare(
  struct apv_transfer *transfer, const struct apv_transfer_spec *spec
) {
  transfer->spec = *spec;
  transfer->abort_status = APV_OK;
  transfer->abort_reason = NULL;
  transfer->connecting = false;
  transfer->begun = false;
  transfer->whole = spec->form == NULL;
  transfer->left = 0;
  transfer->body.limit = spec->most_bytes;
  *transfer->words = '\0';
  if (spec->form != NULL) apv_form_rewind(spec->form);
  return status_of(set_request(transfer));
}

static bool was_sent(const struct apv_transfer *transfer) {
#if HAVE_PREREQ
  return transfer->begun && left_in_part(transfer);
#else
  /* What is asked of a proxy before counts as left, too. */
  double ready = 0;
  curl_easy_getinfo(transfer->easy, CURLINFO_PRETRANSFER_TIME, &ready);
  return ready > 0 && left_in_part(transfer);
#endif
}

void apv_transfer_finish(
  struct apv_transfer *transfer, CURLcode code,
  const struct apv_secrets *secrets, struct apv_verdict *verdict
) {
  const struct apv_form *form = transfer->spec.form;
  long connects = 1;
  curl_easy_getinfo(transfer->easy, CURLINFO_NUM_CONNECTS, &connects);
  struct apv_facts facts = {
    .code = code,
    .words = transfer->words,
    .abort_status = transfer->abort_status,
    .abort_reason = transfer->abort_reason,
    .sent = was_sent(transfer),
    .whole = transfer->whole,
    .complete = form == NULL || apv_form_is_whole(form),
    .reused = connects == 0,
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
