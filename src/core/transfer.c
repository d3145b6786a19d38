/* libcurl's handles: the one place where the options are set that keep a
** request safe. */
#include "internal.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>

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

/* Bytes that the system holds of a connection beyond those on their way. */
enum { MOST_UNSENT = 128 * 1024 };

/* --- libcurl calls us; no Lua below here, ever ---------------------------- */

static size_t cut_off(apv_call *call, const char *why) {
  call->broken = why;
  return 0; /* libcurl ends the transfer */
}

static size_t store(
  apv_call *call, struct apv_buffer *buffer, const char *data, size_t size,
  const char *too_large
) {
  switch (apv_buffer_append(buffer, data, size)) {
    case APV_APPENDED: return size;
    case APV_OVER_LIMIT: return cut_off(call, too_large);
    case APV_APPEND_NO_MEMORY: call->status = APV_NO_MEMORY; break;
  }
  return 0;
}

/* Neither has a body, whatever its head says: if one follows all the same, it
** must not be taken for the next answer. */
static void doubt_connection(const apv_call *call, long status) {
  if ((status == 204 || status == 304) && apv_announces_body(call)) {
    curl_easy_setopt(call->easy, CURLOPT_FORBID_REUSE, 1L);
  }
}

/* After a provisional answer (1xx) comes another head. */
static size_t end_head(apv_call *call, size_t size) {
  long status = 0;
  curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
  call->head_ended = true;
  call->head_is_final = status >= 200;
  doubt_connection(call, status);
  const char *problem = apv_length_problem(call);
  return problem == NULL ? size : cut_off(call, problem);
}

static const char HEAD_TOO_LARGE[] =
  "the answer's header lines are larger than 64 KiB";

/* Lines behind the body, which nobody asked for; they end, too. */
static size_t on_trailer(apv_call *call, size_t size) {
  call->trailer_size += size;
  if (call->trailer_size <= call->head.limit) return size;
  return cut_off(call, HEAD_TOO_LARGE);
}

static size_t on_header(char *data, size_t one, size_t size, void *context) {
  apv_call *call = context;
  (void)one; /* always 1 */
  if (call->head_is_final) return on_trailer(call, size);
  if (call->head_ended) {
    call->head.size = 0;
    call->head_ended = false;
  }
  bool empty = size > 0 && (*data == '\r' || *data == '\n');
  if (empty) return end_head(call, size);
  return store(call, &call->head, data, size, HEAD_TOO_LARGE);
}

static size_t on_body(char *data, size_t one, size_t size, void *context) {
  apv_call *call = context;
  (void)one;
  return store(
    call, &call->body, data, size, "the answer is beyond max_response_bytes"
  );
}

static size_t on_send(char *out, size_t one, size_t size, void *context) {
  return apv_upload_read(context, out, one * size);
}

/* libcurl takes many bytes at a time, which may leave slowly. */
static int on_progress(
  void *context, curl_off_t total_down, curl_off_t down, curl_off_t total_up,
  curl_off_t up
) {
  apv_call *call = context;
  (void)total_down;
  (void)down;
  (void)total_up;
  if (up > call->upload.left) apv_call_moves(call);
  call->upload.left = up;
  return 0;
}

/* No program that the host starts inherits a connection. And the system, too,
** takes megabytes that leave slowly: here it takes no more than it will soon
** send, so that what left is known. Where it cannot, it is known later. */
static int on_socket(void *context, curl_socket_t fd, curlsocktype purpose) {
  (void)context;
  (void)purpose;
  (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
#ifdef TCP_NOTSENT_LOWAT
  int most = MOST_UNSENT;
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &most, sizeof most);
#endif
  return CURL_SOCKOPT_OK;
}

/* Only ever back to the start: where libcurl repeats a request of which nothing
** had left, see on_request(). */
static int on_rewind(void *context, curl_off_t offset, int origin) {
  apv_call *call = context;
  if (offset != 0 || origin != SEEK_SET) return CURL_SEEKFUNC_FAIL;
  call->upload.at = 0;
  return CURL_SEEKFUNC_OK;
}

static bool is_read(const apv_call *call) {
  return strcmp(apv_call_method(call), "GET") == 0;
}

/* Not one byte leaves when a connection turns out to be dead on sending. */
static bool left_in_part(const apv_call *call) {
  long size = 0;
  curl_easy_getinfo(call->easy, CURLINFO_REQUEST_SIZE, &size);
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
  apv_call *call = context;
  (void)remote;
  (void)local;
  (void)remote_port;
  (void)local_port;
  if (call->sent && !is_read(call) && left_in_part(call)) {
    return CURL_PREREQFUNC_ABORT;
  }
  call->sent = true;
  return CURL_PREREQFUNC_OK;
}
#endif

/* --- options -------------------------------------------------------------- */

#define SET(option, value) \
  do { \
    CURLcode set_code = curl_easy_setopt(easy, option, value); \
    if (set_code != CURLE_OK) return set_code; \
  } while (0)

static bool is_secure(const apv_client *client) {
  return strncmp(client->base_url, "https:", 6) == 0;
}

/* Only HTTPS, or HTTP where the client's base URL was allowed to be; no
** redirects, since they carry credentials elsewhere; always verified. */
static CURLcode set_safety(CURL *easy, const apv_client *client) {
  bool secure = is_secure(client);
#if LIBCURL_VERSION_NUM >= 0x075500
  SET(CURLOPT_PROTOCOLS_STR, secure ? "https" : "http");
#else
  SET(CURLOPT_PROTOCOLS, (long)(secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP));
#endif
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
  SET(CURLOPT_NOSIGNAL, 1L);
  if (client->ca_file != NULL) {
    SET(CURLOPT_CAINFO, client->ca_file);
    /* libcurl keeps a bundle that it has read; with a directory beside it, it
    ** reads 50 ms anew for each connection. */
    SET(CURLOPT_CAPATH, NULL);
  }
#if LIBCURL_VERSION_NUM >= 0x075700
  /* A deadline does not wait for a resolver thread that hangs. */
  SET(CURLOPT_QUICK_EXIT, 1L);
#endif
  return CURLE_OK;
}

/* A proxy over TLS is trusted like the service. Where a libcurl has no such
** proxies, there is nothing to set. */
static void set_proxy_trust(CURL *easy, const apv_client *client) {
  long version = CURL_SSLVERSION_TLSv1_2;
  curl_easy_setopt(easy, CURLOPT_PROXY_SSLVERSION, version);
  if (client->ca_file != NULL) {
    curl_easy_setopt(easy, CURLOPT_PROXY_CAINFO, client->ca_file);
    curl_easy_setopt(easy, CURLOPT_PROXY_CAPATH, NULL);
  }
}

/* A tunnel, also for HTTP: the proxy sees no header of ours. */
static CURLcode set_proxy(CURL *easy, const apv_client *client) {
  if (client->proxy != NULL) {
    SET(CURLOPT_PROXY, client->proxy);
    SET(CURLOPT_NOPROXY, ""); /* the environment's exceptions are not ours */
  }
  SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
  SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
  set_proxy_trust(easy, client);
  return CURLE_OK;
}

static CURLcode set_common(CURL *easy, const apv_client *client) {
  long connect_ms = (long)(client->connect_timeout * 1000.0);
  SET(CURLOPT_CONNECTTIMEOUT_MS, connect_ms > 0 ? connect_ms : 1L);
  /* Who speaks HTTP/2 says so in the handshake: until then a second call
  ** waits, instead of opening a connection of its own. */
  SET(CURLOPT_PIPEWAIT, is_secure(client) ? 1L : 0L);
  SET(CURLOPT_TCP_KEEPALIVE, 1L);
  SET(CURLOPT_MAXAGE_CONN, (long)LONGEST_IDLE);
  SET(CURLOPT_USERAGENT, "apivideo-lua/" APV_VERSION);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_READFUNCTION, on_send);
  SET(CURLOPT_SEEKFUNCTION, on_rewind);
  SET(CURLOPT_XFERINFOFUNCTION, on_progress);
  SET(CURLOPT_SOCKOPTFUNCTION, on_socket);
  SET(CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BUFFER);
#if HAVE_PREREQ
  SET(CURLOPT_PREREQFUNCTION, on_request);
#endif
  return CURLE_OK;
}

CURL *apv_transfer_new(apv_client *client) {
  CURL *easy = curl_easy_init();
  if (easy == NULL) return NULL;
  CURLcode code = set_safety(easy, client);
  if (code == CURLE_OK) code = set_proxy(easy, client);
  if (code == CURLE_OK) code = set_common(easy, client);
  if (code != CURLE_OK) {
    curl_easy_cleanup(easy);
    return NULL;
  }
  return easy;
}

static CURLcode set_method(CURL *easy, const apv_call *call) {
  const char *method = apv_call_method(call);
  if (call->operation == APV_UPLOAD) {
    SET(CURLOPT_CUSTOMREQUEST, NULL);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, NULL);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)apv_upload_body_size(call));
    return CURLE_OK;
  }
  if (strcmp(method, "POST") == 0) {
    SET(CURLOPT_CUSTOMREQUEST, NULL);
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, call->request_body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->request_body_size);
    return CURLE_OK;
  }
  SET(CURLOPT_HTTPGET, 1L);
  SET(CURLOPT_CUSTOMREQUEST, is_read(call) ? NULL : method);
  return CURLE_OK;
}

CURLcode apv_transfer_prepare(CURL *easy, apv_call *call) {
  CURLcode code = set_method(easy, call);
  if (code != CURLE_OK) return code;
  SET(CURLOPT_URL, call->url);
  SET(CURLOPT_HTTPHEADER, call->header_lines);
  SET(CURLOPT_ERRORBUFFER, call->failure);
  SET(CURLOPT_PRIVATE, call);
  SET(CURLOPT_HEADERDATA, call);
  SET(CURLOPT_WRITEDATA, call);
  SET(CURLOPT_READDATA, call);
  SET(CURLOPT_SEEKDATA, call);
  SET(CURLOPT_XFERINFODATA, call);
  SET(CURLOPT_NOPROGRESS, call->operation == APV_UPLOAD ? 0L : 1L);
  SET(CURLOPT_FORBID_REUSE, 0L); /* the handle's last call may have doubted */
#if HAVE_PREREQ
  SET(CURLOPT_PREREQDATA, call);
#else
  /* Only a request on a reused connection is ever sent again. */
  SET(CURLOPT_FRESH_CONNECT, is_read(call) ? 0L : 1L);
#endif
  return CURLE_OK;
}

/* --- the handle of a call ------------------------------------------------- */

bool apv_transfer_sent(const apv_call *call) {
#if HAVE_PREREQ
  return call->sent && left_in_part(call);
#else
  /* What is asked of a proxy before counts as left, too. */
  double ready = 0;
  curl_easy_getinfo(call->easy, CURLINFO_PRETRANSFER_TIME, &ready);
  return ready > 0 && left_in_part(call);
#endif
}

void apv_transfer_release(CURL *easy) {
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, NULL);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, NULL);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, NULL);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, NULL);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 1L);
}
