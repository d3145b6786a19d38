/* Whether to send a call again, and when. Pure: the same outcome gives the
** same answer. The rules, and why:
**   a request that may have been carried out is sent again only if a second
**   one does no harm; a wait that the service names is kept, never cut short;
**   waits are random, so that many clients do not come back at once; a client
**   whose calls keep failing stops repeating them. */
#include "retry.h"

#include <math.h>

enum { TRANSIENT_COST = 14, THROTTLED_COST = 5 };

static bool is_transient_status(long status) {
  static const short statuses[] = {408, 421, 425, 429, 500, 502, 503, 504,
                                   520, 521, 522, 523, 524, 525, 529, 530};
  for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
    if (status == statuses[i]) return true;
  }
  return false;
}

bool apv_is_transient(
  enum apv_status status, long http_status, bool permanent
) {
  switch (status) {
    case APV_OK: return is_transient_status(http_status);
    case APV_CONNECTION:
    case APV_TIMEOUT:
    case APV_TLS: return !permanent;
    default: return false;
  }
}

static bool is_throttled(const struct apv_outcome *it) {
  return it->status == APV_OK && it->http_status == 429;
}

/* A status from 300 to 499 says that the request was refused. */
bool apv_may_be_processed(bool sent, long http_status) {
  return sent && (http_status < 300 || http_status > 499);
}

int apv_retry_cost(const struct apv_outcome *it) {
  return is_throttled(it) ? THROTTLED_COST : TRANSIENT_COST;
}

/* Full jitter: U(0, 1) · min(cap, base · 2^(attempt − 1)). */
static double backoff(const struct apv_outcome *it) {
  double base = is_throttled(it) ? 1 : 0.2;
  double cap = is_throttled(it) ? 20 : 5;
  int doublings = it->attempt < 10 ? it->attempt - 1 : 10;
  return it->random * fmin(cap, ldexp(base, doublings));
}

/* Up to a second more than the service asked for, but never more than half of
** what is then left: the answer takes time, too. */
static double after_server(const struct apv_outcome *it) {
  double left = it->time_left - it->server_wait;
  return it->server_wait + it->random * fmin(1, left / 2);
}

double apv_retry_wait(const struct apv_outcome *it) {
  if (it->attempt > it->retries) return APV_NO_RETRY;
  if (!apv_is_transient(it->status, it->http_status, it->permanent)) {
    return APV_NO_RETRY;
  }
  if (!it->repeatable && it->maybe_processed) return APV_NO_RETRY;
  if (it->budget < apv_retry_cost(it)) return APV_NO_RETRY;
  if (it->server_wait >= it->time_left) return APV_NO_RETRY;
  double wait = it->server_wait >= 0 ? after_server(it) : backoff(it);
  return wait < it->time_left ? wait : APV_NO_RETRY;
}
