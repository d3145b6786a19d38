/* Whether to send a call again, and when. */
#ifndef APV_RETRY_H
#define APV_RETRY_H

#include "apv.h"

APV_HIDDEN

/* Retry budget of a client. Each retry costs some of it, each success returns
** 1; at 0 nothing is retried. */
enum { APV_RETRY_BUDGET = 500 };

/* How an attempt ended, and what else there is to consider. */
struct apv_outcome {
  bool repeatable; /* a second request does no harm */
  enum apv_status status;
  long http_status; /* 0: no answer */
  bool maybe_processed; /* by the service */
  bool permanent; /* no attempt will end otherwise */
  int attempt; /* from 1 */
  int retries; /* attempts allowed after the first */
  double server_wait; /* seconds; below 0: none was named */
  double time_left; /* seconds until the deadline */
  int budget;
  double random; /* from 0 to below 1 */
};

#define APV_NO_RETRY (-1.0)

/* Seconds to wait before the next attempt, or APV_NO_RETRY. */
double apv_retry_wait(const struct apv_outcome *outcome);
/* What the next attempt takes off the budget. */
int apv_retry_cost(const struct apv_outcome *outcome);
/* Whether the service may have processed a request, given whether it left and
** the status of its answer (0: none). */
bool apv_may_be_processed(bool sent, long http_status);
/* Whether what ended like this may end otherwise later. */
bool apv_is_transient(enum apv_status status, long http_status, bool permanent);

APV_SHOWN

#endif
