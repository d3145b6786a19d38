/* How an attempt ended: libcurl's results become ours. */
#ifndef APV_VERDICT_H
#define APV_VERDICT_H

#include <curl/curl.h>

#include "apv.h"
#include "buffer.h"
#include "head.h"
#include "secrets.h"

APV_HIDDEN

/* What is known of a transfer that has ended. */
struct apv_facts {
  CURLcode code;
  const char *words; /* libcurl's for the code */
  enum apv_status abort_status; /* why we ended it; APV_OK: we did not */
  const char *abort_reason;
  bool sent; /* the request began to leave */
  bool whole; /* all of its body was read at least once */
  bool complete; /* all of it was read since it was last begun */
  bool reused; /* a connection that was open already */
  bool proxied; /* by a proxy that a setting names */
  long proxy_answer; /* see struct apv_failure */
  long verify_result;
  bool lacks_descriptors; /* when it had ended */
  bool connecting; /* a socket was opened */
  const char *proxy_problem; /* of the environment's proxy, or NULL */
};

/* The end of an attempt, with the answer, or of a call. All zero: nothing
** happened yet. */
struct apv_verdict {
  enum apv_status status;
  bool permanent; /* another attempt would fail the same way */
  bool sent;
  bool maybe_processed; /* by the service, by all that is known */
  bool reused;
  const char *hint; /* what a failure means, or NULL */
  long http_status; /* 0: no final answer */
  long long retry_after; /* seconds; -1: not named */
  struct apv_head head;
  struct apv_buffer body;
  char words[CURL_ERROR_SIZE]; /* of a failure, secrets masked; or empty */
};

/* Fills in everything but the answer, which is in `verdict` already. */
void apv_verdict_reach(
  struct apv_verdict *verdict, const struct apv_facts *facts,
  const struct apv_secrets *secrets
);
/* Replaces the verdict by an end that no attempt came to, such as a deadline.
** The last attempt's `sent` and `maybe_processed` stay. `words` may be NULL. */
void apv_verdict_replace(
  struct apv_verdict *verdict, enum apv_status status, const char *words
);
/* Wipes and releases the answer. */
void apv_verdict_free(struct apv_verdict *verdict);

APV_SHOWN

#endif
