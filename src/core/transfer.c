/* One attempt on libcurl. */
#include "transfer.h"

#include <string.h>

#include "easy.h"
#include "library.h"
#include "memory.h"
#include "system.h"

/* --- options -------------------------------------------------------------- */

#define SET(option, value) \
  do { \
    CURLcode set_code = curl_easy_setopt(easy, option, value); \
    if (set_code != CURLE_OK) return set_code; \
  } while (0)

static CURLcode set_own(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  SET(CURLOPT_PRIVATE, transfer);
  return apv_exchange_hook(&transfer->exchange);
}

enum apv_status apv_transfer_new(
  const struct apv_origin *origin, struct apv_connections *connections,
  struct apv_transfer **out
) {
  enum apv_status status = APV_NO_MEMORY;
  struct apv_transfer *transfer = apv_allocate(sizeof *transfer);
  if (transfer == NULL) goto fail;
  transfer->origin = origin;
  transfer->exchange.connections = connections;
  status = apv_easy_new(origin, &transfer->easy);
  if (status != APV_OK) goto fail;
  transfer->exchange.easy = transfer->easy;
  status = apv_library_status(set_own(transfer));
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
  apv_head_free(&transfer->exchange.head);
  apv_buffer_free(&transfer->exchange.body);
  free_nodes(transfer);
  apv_release(transfer, sizeof *transfer);
}

/* --- a request ------------------------------------------------------------ */

/* The URL stays: libcurl would take it apart and encode it for each request. */
static CURLcode set_target(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  SET(CURLOPT_REQUEST_TARGET, transfer->spec.target);
  return CURLE_OK;
}

static bool make_room(struct apv_transfer *transfer, size_t count) {
  if (count <= transfer->node_count) return true;
  free_nodes(transfer);
  transfer->nodes = apv_allocate(count * sizeof *transfer->nodes);
  if (transfer->nodes == NULL) return false;
  transfer->node_count = count;
  transfer->has_headers = false;
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
  if (transfer->has_headers) return CURLE_OK;
  SET(CURLOPT_HTTPHEADER, nodes);
  transfer->has_headers = true;
  return CURLE_OK;
}

static enum apv_transfer_kind kind_of(const struct apv_transfer_spec *spec) {
  if (spec->form != NULL) return APV_SENDS_FORM;
  if (strcmp(spec->method, "POST") == 0) return APV_SENDS_BODY;
  return strcmp(spec->method, "GET") == 0 ? APV_READS_ONLY : APV_DELETES;
}

/* What must happen once goes over HTTP/1.1: over HTTP/2 nobody can tell a
** request that was refused from one that was carried out. */
static CURLcode set_kind(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  enum apv_transfer_kind kind = kind_of(&transfer->spec);
  bool posts = kind == APV_SENDS_BODY || kind == APV_SENDS_FORM;
  bool shares = kind == APV_READS_ONLY && apv_library_asks();
  if (kind == transfer->kind) return CURLE_OK;
  transfer->kind = APV_NO_KIND;
  SET(posts ? CURLOPT_POST : CURLOPT_HTTPGET, 1L);
  SET(CURLOPT_CUSTOMREQUEST, kind == APV_DELETES ? "DELETE" : NULL);
  SET(CURLOPT_NOPROGRESS, kind == APV_SENDS_FORM ? 0L : 1L);
  SET(
    CURLOPT_HTTP_VERSION,
    (long)(shares ? CURL_HTTP_VERSION_NONE : CURL_HTTP_VERSION_1_1)
  );
  transfer->kind = kind;
  return CURLE_OK;
}

static CURLcode set_body(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  const struct apv_transfer_spec *spec = &transfer->spec;
  if (transfer->kind == APV_SENDS_FORM) {
    curl_off_t size = (curl_off_t)apv_form_size(spec->form);
    SET(CURLOPT_POSTFIELDS, NULL);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, size);
  } else if (transfer->kind == APV_SENDS_BODY) {
    SET(CURLOPT_POSTFIELDS, spec->body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)spec->body_size);
  }
  return CURLE_OK;
}

static CURLcode set_fresh(struct apv_transfer *transfer, bool fresh) {
  CURL *easy = transfer->easy;
  if (fresh != transfer->exchange.fresh)
    SET(CURLOPT_FRESH_CONNECT, fresh ? 1L : 0L);
  transfer->exchange.fresh = fresh;
  return CURLE_OK;
}

/* A libcurl without CURLOPT_PREREQFUNCTION sends requests again without asking,
** but only those on a reused connection: what must happen once gets a fresh one
** there. FORBID_REUSE may be set by forbid_reuse_if_body_announced(). */
static CURLcode set_connection(struct apv_transfer *transfer) {
  CURL *easy = transfer->easy;
  bool once = transfer->kind != APV_READS_ONLY;
  bool fresh = transfer->spec.fresh || (once && !apv_library_asks());
  CURLcode code = set_fresh(transfer, fresh);
  if (code != CURLE_OK || !transfer->exchange.forbids_reuse) return code;
  transfer->exchange.forbids_reuse = false;
  SET(CURLOPT_FORBID_REUSE, 0L);
  return CURLE_OK;
}

/* libcurl keeps what was set: only what changes is set anew. */
static CURLcode set_request(struct apv_transfer *transfer) {
  CURLcode code = set_kind(transfer);
  if (code == CURLE_OK) code = set_body(transfer);
  if (code == CURLE_OK) code = set_target(transfer);
  if (code == CURLE_OK) code = set_headers(transfer);
  return code == CURLE_OK ? set_connection(transfer) : code;
}

enum apv_status apv_transfer_prepare(
  struct apv_transfer *transfer, const struct apv_transfer_spec *spec
) {
  struct apv_exchange *exchange = &transfer->exchange;
  transfer->spec = *spec;
  transfer->finished = false;
  exchange->form = spec->form;
  exchange->most_bytes = spec->most_bytes;
  exchange->once = kind_of(spec) != APV_READS_ONLY;
  exchange->owner = spec->owner;
  exchange->moved = spec->moved;
  apv_exchange_reset(exchange);
  return apv_library_status(set_request(transfer));
}

enum apv_status apv_transfer_renew(struct apv_transfer *transfer) {
  transfer->finished = false;
  apv_exchange_reset(&transfer->exchange);
  return apv_library_status(set_fresh(transfer, true));
}

void apv_transfer_blame(struct apv_transfer *transfer) {
  const struct apv_exchange *exchange = &transfer->exchange;
  if (!apv_exchange_sent(exchange)) return;
  apv_connections_end_silent(
    exchange->connections, exchange->port, exchange->begun_at, apv_system_now()
  );
}

/* What the proxy said when it was asked for a tunnel, in HTTP's words; 0: it
** said nothing, or agreed. A SOCKS proxy says it in others. */
static long proxy_answer_of(CURL *easy) {
  enum { FORBIDDEN = 403, UNAUTHENTICATED = 407 };
  long answer = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &answer);
#if LIBCURL_VERSION_NUM >= 0x074900
  long error = CURLPX_OK;
  curl_easy_getinfo(easy, CURLINFO_PROXY_ERROR, &error);
  switch (error) {
    case CURLPX_NO_AUTH:
    case CURLPX_USER_REJECTED: return UNAUTHENTICATED;
    case CURLPX_REPLY_NOT_ALLOWED: return FORBIDDEN;
    default: break;
  }
#endif
  return answer;
}

/* A connection, a look-up of a name or a file of certificates may have been
** what could not be opened; a connection that was is closed again. */
static bool lacks_descriptors(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_CONNECT: return apv_system_lacks_descriptors(1);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_SSL_CACERT_BADFILE: return apv_system_lacks_descriptors(2);
    default: return false;
  }
}

void apv_transfer_finish(
  struct apv_transfer *transfer, CURLcode code,
  const struct apv_secrets *secrets, struct apv_verdict *verdict
) {
  struct apv_exchange *exchange = &transfer->exchange;
  const struct apv_form *form = exchange->form;
  struct apv_facts facts = {
    .code = code,
    .words = exchange->words,
    .abort_status = exchange->abort_status,
    .abort_reason = exchange->abort_reason,
    .sent = apv_exchange_sent(exchange),
    .whole = exchange->whole,
    .complete = form == NULL || apv_form_is_whole(form),
    .reused = apv_exchange_reused(exchange),
    .proxied = transfer->origin->names_proxy,
    .connecting = exchange->connecting,
    .proxy_problem = transfer->origin->proxy_problem,
    .lacks_descriptors = lacks_descriptors(code),
  };
  if (code != CURLE_OK) {
    CURL *easy = transfer->easy;
    facts.proxy_answer = proxy_answer_of(easy);
    curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &facts.verify_result);
  }
  verdict->head = exchange->head;
  verdict->body = exchange->body;
  memset(&exchange->head, 0, sizeof exchange->head);
  memset(&exchange->body, 0, sizeof exchange->body);
  apv_verdict_reach(verdict, &facts, secrets);
}

void apv_transfer_abandon(struct apv_transfer *transfer) {
  apv_transfer_release(transfer);
  set_fresh(transfer, true); /* no kept connection is for it */
}

void apv_transfer_release(struct apv_transfer *transfer) {
  transfer->spec = (struct apv_transfer_spec){0};
  transfer->exchange.owner = NULL;
  transfer->exchange.form = NULL;
}
