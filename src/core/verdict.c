/* How an attempt ended. Meaning comes from codes and facts; words are for
** people. */
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#include "hint.h"
#include "library.h"
#include "limits.h"
#include "retry.h"
#include "slice.h"

/* Codes that older headers do not have. */
enum { SSL_CLIENTCERT = 98, TOO_LARGE = 100 };

static enum apv_status status_of(CURLcode code) {
  switch ((int)code) {
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
    case SSL_CLIENTCERT:
    case CURLE_USE_SSL_FAILED: return APV_TLS;
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_FILESIZE_EXCEEDED:
    case CURLE_WRITE_ERROR:
    case TOO_LARGE:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM: return APV_PROTOCOL;
    default: return APV_CONNECTION;
  }
}

/* A proxy that refuses to connect refuses once more, unless it says that it
** cannot now: 502 for a server that is down, for example. */
static bool is_refused_by_proxy(const struct apv_facts *facts) {
  enum { REFUSED_FROM = 300 };
  return facts->proxy_answer >= REFUSED_FROM &&
         !apv_is_transient(APV_OK, facts->proxy_answer, false);
}

/* Another attempt would fail in the same way. */
static bool is_permanent(const struct apv_facts *facts) {
  if (is_refused_by_proxy(facts)) return true;
  switch (facts->code) {
    case CURLE_URL_MALFORMAT: return true;
    case CURLE_SSL_CONNECT_ERROR: return false;
    default: return status_of(facts->code) == APV_TLS;
  }
}

/* libcurl says of a header line that is too long that it is TOO_LARGE; an older
** one that there is no memory for it. If there is some, that is why. */
static bool is_endless_line(
  const struct apv_head *head, const struct apv_facts *facts
) {
  if (!facts->sent || head->ended) return false;
  if ((int)facts->code == TOO_LARGE) return true;
  return facts->code == CURLE_OUT_OF_MEMORY &&
         !apv_library_tells_long_lines() && apv_library_has_memory();
}

/* These codes, which are of broken answers, also come when the connection
** closed before an answer began, above all over HTTP/2. */
static bool is_closed(
  const struct apv_head *head, const struct apv_facts *facts
) {
  switch (facts->code) {
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_PARTIAL_FILE: return head->lines.size == 0;
    default: return false;
  }
}

/* A success that came before all of the body was sent: the service has not seen
** all of it. */
static bool came_early(
  const struct apv_verdict *verdict, const struct apv_facts *facts
) {
  long status = verdict->http_status;
  return !facts->complete && status >= 200 && status <= 299;
}

/* Defects of an answer that libcurl accepts, or has no words for. */
static const char *answer_problem(
  const struct apv_verdict *verdict, const struct apv_facts *facts
) {
  const struct apv_head *head = &verdict->head;
  if (came_early(verdict, facts)) {
    return "the answer came before all of the file left";
  }
  if (is_endless_line(head, facts)) {
    return "a header line of the answer is too long";
  }
  if (facts->code != CURLE_OK || head->final) return NULL;
  return head->ended ? "only a provisional answer came"
                     : "the answer's head is cut off";
}

/* libcurl's words may quote what the server said. */
static void take_words(
  struct apv_verdict *verdict, const char *words,
  const struct apv_secrets *secrets
) {
  apv_secrets_redact(
    secrets, apv_slice_of(words), verdict->words, sizeof verdict->words
  );
}

/* The environment names a proxy that is none: nothing was tried. */
static bool has_no_proxy(const struct apv_facts *facts) {
  if (facts->proxy_problem == NULL || facts->connecting) return false;
  return facts->code == CURLE_COULDNT_CONNECT ||
         facts->code == CURLE_COULDNT_RESOLVE_PROXY ||
         facts->code == CURLE_UNSUPPORTED_PROTOCOL;
}

static void judge(
  struct apv_verdict *verdict, const struct apv_facts *facts,
  const struct apv_secrets *secrets
) {
  const char *problem = facts->abort_reason;
  if (problem == NULL) problem = answer_problem(verdict, facts);
  verdict->status = facts->abort_status;
  if (has_no_proxy(facts)) {
    verdict->status = APV_CONNECTION;
    verdict->permanent = true;
    snprintf(
      verdict->words, sizeof verdict->words,
      "the proxy that the environment names %s", facts->proxy_problem
    );
    return;
  }
  if (verdict->status != APV_OK) {
    /* We ended it. */
  } else if (problem != NULL) {
    verdict->status = APV_PROTOCOL;
  } else if (is_closed(&verdict->head, facts)) {
    verdict->status = APV_CONNECTION;
  } else {
    verdict->status = status_of(facts->code);
    verdict->permanent = is_permanent(facts);
  }
  if (verdict->status == APV_OK) return;
  take_words(verdict, problem ? problem : facts->words, secrets);
}

/* A request whose end never left was not processed, unless a status of success
** says that it was. */
static bool is_maybe_processed(
  const struct apv_verdict *verdict, const struct apv_facts *facts
) {
  bool success = verdict->http_status >= 200 && verdict->http_status <= 299;
  if (!facts->whole && !success) return false;
  if (verdict->status == APV_FILE) return false;
  return apv_may_be_processed(facts->sent, verdict->http_status);
}

static const char *hint_of(
  const struct apv_verdict *verdict, const struct apv_facts *facts
) {
  struct apv_failure failure = {
    .status = verdict->status,
    .words = facts->words,
    .proxied = facts->proxied,
    .proxy_answer = facts->proxy_answer,
    .bad_ca_file = facts->code == CURLE_SSL_CACERT_BADFILE,
    .verify_result = facts->verify_result,
    .lacks_descriptors = facts->lacks_descriptors,
  };
  return verdict->status == APV_OK ? NULL : apv_hint(&failure);
}

void apv_verdict_reach(
  struct apv_verdict *verdict, const struct apv_facts *facts,
  const struct apv_secrets *secrets
) {
  const struct apv_head *head = &verdict->head;
  verdict->sent = facts->sent;
  verdict->reused = facts->reused;
  verdict->http_status = head->status >= 200 ? head->status : 0;
  verdict->retry_after = -1;
  judge(verdict, facts, secrets);
  verdict->maybe_processed = is_maybe_processed(verdict, facts);
  verdict->hint = hint_of(verdict, facts);
  if (verdict->http_status == 0) return;
  struct apv_limits limits = apv_limits_of(head);
  verdict->retry_after = apv_limits_wait(&limits, verdict->http_status);
}

void apv_verdict_replace(
  struct apv_verdict *verdict, enum apv_status status, const char *words
) {
  bool sent = verdict->sent, maybe_processed = verdict->maybe_processed;
  apv_verdict_free(verdict);
  verdict->status = status;
  verdict->retry_after = -1;
  verdict->sent = sent;
  verdict->maybe_processed = maybe_processed;
  if (words != NULL) {
    snprintf(verdict->words, sizeof verdict->words, "%s", words);
  }
}

void apv_verdict_free(struct apv_verdict *verdict) {
  apv_head_free(&verdict->head);
  apv_buffer_free(&verdict->body);
  *verdict = (struct apv_verdict){.retry_after = -1};
}
