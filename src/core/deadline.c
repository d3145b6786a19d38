/* Deadlines of calls, limits of attempts, idle limits of uploads. */
#include "deadline.h"

#include <math.h>
#include <stdio.h>

#include "retry.h"

/* "0.25", "30": seconds, three digits of them or all before the point.
** printf() would write the locale's point. */
static void write_seconds(char *to, size_t size, double seconds) {
  enum { THREE_DIGITS = 1000 };
  long long thousandths = llround(seconds * 1000), step = 1;
  while (thousandths / step >= THREE_DIGITS && step < 1000) step *= 10;
  thousandths = (thousandths + step / 2) / step * step;
  if (thousandths == 0) thousandths = 1;
  int used = snprintf(
    to, size, "%lld.%03d", thousandths / 1000, (int)(thousandths % 1000)
  );
  while (to[used - 1] == '0') used--;
  if (to[used - 1] == '.') used--;
  to[used] = '\0';
}

/* Ends the attempt, or the wait for one, as a timeout: "no answer within" so
** many seconds. */
static void time_out(
  struct apv_flight *flight, apv_call *call, double now, const char *what,
  double seconds
) {
  struct apv_verdict *verdict = &call->verdict;
  if (call->transfer != NULL) {
    apv_flight_end_attempt(flight, call, CURLE_OPERATION_TIMEDOUT, now);
  } else {
    apv_verdict_replace(verdict, APV_TIMEOUT, NULL);
  }
  verdict->status = APV_TIMEOUT;
  verdict->permanent = false;
  char written[32];
  write_seconds(written, sizeof written, seconds);
  snprintf(verdict->words, sizeof verdict->words, "%s %s s", what, written);
}

/* Whether an attempt without an answer may be given up for another one: only
** while there are retries, and as much time as the limit of an attempt. */
static bool may_ask_again(
  const struct apv_flight *flight, const apv_call *call, double now
) {
  const struct apv_schedule *schedule = &call->schedule;
  return schedule->attempts <= schedule->retries &&
         schedule->deadline.at - now >= schedule->attempt_limit &&
         flight->retry_budget >= APV_RETRY_BUDGET / 2;
}

static void lose_patience_with_attempt(
  struct apv_flight *flight, apv_call *call, double now
) {
  struct apv_schedule *schedule = &call->schedule;
  struct apv_transfer *transfer = call->transfer;
  double limit = schedule->attempt_limit;
  if (limit <= 0 || !may_ask_again(flight, call, now)) return;
  double since = transfer->exchange.begun_at;
  size_t heard = apv_exchange_heard(&transfer->exchange);
  if (heard != schedule->heard) since = now;
  schedule->heard = heard;
  if (now - since < limit) {
    apv_flight_arm_patience(flight, call, since + limit);
    return;
  }
  schedule->fresh = true;
  time_out(flight, call, now, "no answer within", limit);
  apv_flight_conclude(flight, call, now);
}

static void lose_patience(
  struct apv_flight *flight, apv_call *call, double now
) {
  double limit = call->schedule.idle_limit;
  apv_timeline_remove(&flight->patience, &call->schedule.patience);
  if (limit <= 0) { /* no upload */
    lose_patience_with_attempt(flight, call, now);
    return;
  }
  call->schedule.fresh = true;
  time_out(flight, call, now, "nothing moved for", limit);
  apv_flight_conclude(flight, call, now);
}

static void end_connecting(
  struct apv_flight *flight, apv_call *call, double now
) {
  double limit = flight->handles.origin->connect_timeout;
  apv_timeline_remove(&flight->connecting, &call->schedule.connecting);
  if (apv_exchange_has_connection(&call->transfer->exchange)) return;
  time_out(flight, call, now, "no connection within", limit);
  apv_flight_conclude(flight, call, now);
}

void apv_deadline_end_overdue(struct apv_flight *flight, double now) {
  struct apv_moment *first;
  while ((first = flight->deadlines.first) != NULL && first->at <= now) {
    apv_call *call = first->owner;
    double seconds = first->at - call->schedule.started;
    time_out(flight, call, now, "no answer within", seconds);
    apv_flight_end_call(flight, call, now);
  }
  while ((first = flight->patience.first) != NULL && first->at <= now) {
    lose_patience(flight, first->owner, now);
  }
  while ((first = flight->connecting.first) != NULL && first->at <= now) {
    end_connecting(flight, first->owner, now);
  }
}

double apv_deadline_next(const struct apv_flight *flight) {
  const struct apv_moment *const firsts[] = {
    flight->deadlines.first, flight->patience.first, flight->connecting.first};
  double at = INFINITY;
  for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
    if (firsts[i] != NULL) at = fmin(at, firsts[i]->at);
  }
  return at;
}
