/* How a transfer ended: libcurl's results become ours. */
#include "internal.h"

#include <string.h>

static enum apv_status status_of(CURLcode code) {
  switch (code) {
    case CURLE_OK: return APV_OK;
    case CURLE_OUT_OF_MEMORY: return APV_NO_MEMORY;
    case CURLE_OPERATION_TIMEDOUT: return APV_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_ENGINE_NOTFOUND:
    case CURLE_SSL_ENGINE_SETFAILED:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_SHUTDOWN_FAILED:
    case CURLE_SSL_CRL_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_INVALIDCERTSTATUS:
#if LIBCURL_VERSION_NUM >= 0x074d00
    case CURLE_SSL_CLIENTCERT:
#endif
    case CURLE_USE_SSL_FAILED: return APV_TLS;
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
#if LIBCURL_VERSION_NUM >= 0x080600
    case CURLE_TOO_LARGE:
#endif
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return APV_PROTOCOL;
    default: return APV_CONNECTION;
  }
}

/* Whether another attempt would fail the same way: nothing is wrong with the
** network. */
static bool is_lasting(CURLcode code) {
  switch (code) {
    case CURLE_URL_MALFORMAT: return true;
    case CURLE_SSL_CONNECT_ERROR: return false;
    default: return status_of(code) == APV_TLS;
  }
}

/* libcurl has one code for a connection that breaks and for framing that is
** broken; its words tell them apart. */
static bool is_broken_framing(const apv_call *call, CURLcode code) {
  if (code != CURLE_RECV_ERROR || call->head.size == 0) return false;
  return strstr(call->failure, "chunked") != NULL ||
         strstr(call->failure, "response headers") != NULL;
}

/* libcurl also runs out of memory at a header line beyond its own limit; then
** there is memory for as much. */
static bool is_endless_line(const apv_call *call, CURLcode code) {
  enum { LONGEST_LINE = 100 * 1024 };
  if (code != CURLE_OUT_OF_MEMORY || !apv_transfer_sent(call)) return false;
  if (call->head_ended) return false;
  void *block = apv_allocate(LONGEST_LINE);
  if (block != NULL) apv_release(block, LONGEST_LINE);
  return block != NULL;
}

/* An upload of which a part was never looked at. */
static bool came_early(const apv_call *call) {
  long status = call->http_status;
  if (call->operation != APV_UPLOAD || apv_upload_is_whole(call)) return false;
  return status >= 200 && status <= 299;
}

/* What is wrong with an answer that libcurl does not say so of. */
static const char *answer_problem(const apv_call *call, CURLcode code) {
  if (came_early(call)) return "the answer came before all of the file left";
  if (is_endless_line(call, code))
    return "a header line of the answer is too long";
  if (code != CURLE_OK || call->head_is_final) return NULL;
  return call->head_ended ? "only a provisional answer came"
                          : "the answer's head is cut off";
}

/* HTTP/2 has words of its own for a connection that closes. */
static bool is_closed_stream(const apv_call *call, CURLcode code) {
  if (code != CURLE_HTTP2 && code != CURLE_HTTP2_STREAM) return false;
  return call->head.size == 0;
}

static enum apv_status status_after(const apv_call *call, CURLcode code) {
  if (call->broken != NULL || is_broken_framing(call, code)) {
    return APV_PROTOCOL;
  }
  return is_closed_stream(call, code) ? APV_CONNECTION : status_of(code);
}

/* libcurl's words may quote what the server said. */
static void redact_failure(apv_call *call) {
  char words[CURL_ERROR_SIZE];
  size_t size = strlen(call->failure);
  memcpy(words, call->failure, size);
  struct apv_slice text = {words, size};
  apv_redact(call, text, call->failure, sizeof call->failure);
}

void apv_transfer_reset(apv_call *call) {
  apv_buffer_free(&call->body);
  call->head.size = 0;
  call->head_ended = false;
  call->head_is_final = false;
  call->trailer_size = 0;
  call->upload.whole = false;
  call->upload.left = 0;
  call->status = APV_OK;
  call->lasting = false;
  call->sent = false;
  call->reused = false;
  call->http_status = 0;
  call->retry_after = -1;
  call->broken = NULL;
  *call->failure = '\0';
}

void apv_transfer_finish(apv_call *call, CURLcode code) {
  CURL *easy = call->easy;
  long connects = 1;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &call->http_status);
  curl_easy_getinfo(easy, CURLINFO_NUM_CONNECTS, &connects);
  call->reused = connects == 0;
  if (call->http_status < 200) call->http_status = 0; /* provisional */
  if (call->broken == NULL) call->broken = answer_problem(call, code);
  if (call->status == APV_OK) {
    call->status = status_after(call, code);
    call->lasting = is_lasting(code);
  }
  if (call->status == APV_OK) return;
  if (call->broken == NULL && code == CURLE_ABORTED_BY_CALLBACK) {
    call->broken = "the connection closed before the answer";
  }
  if (call->broken != NULL) {
    strcpy(call->failure, call->broken);
  } else {
    redact_failure(call);
  }
}
