/* The calls of a client that have not ended. */
#include "flight.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "library.h"
#include "operation.h"
#include "retry.h"
#include "system.h"

/* Seconds for which the first requests wait for one answer. */
static const double LONGEST_WAIT = 1;

static struct apv_lane *lane_of(
  struct apv_flight *flight, const apv_call *call
) {
  return &flight->lanes[apv_operation_class(call->request.operation)];
}

static bool reads(const apv_call *call) {
  return apv_operation_class(call->request.operation) == APV_READS;
}

/* --- the end of calls ----------------------------------------------------- */

/* 503 counts as not processed, except for uploads, where the service can tell
** us. */
static void note_maybe_processed(apv_call *call) {
  const struct apv_verdict *verdict = &call->verdict;
  bool uploads = apv_outgoing_is_upload(&call->request);
  if (!verdict->maybe_processed) return;
  if (!uploads && verdict->http_status == 503) return;
  call->schedule.maybe_processed = true;
}

/* The answer to a read shows whether requests can share a connection. */
static void note_protocol(struct apv_flight *flight, const apv_call *call) {
  const struct apv_head *head = &call->verdict.head;
  if (!reads(call) || !head->final) return;
  flight->multiplexes = head->multiplexed;
  flight->acquainted_at = -1;
}

void apv_flight_end_attempt(
  struct apv_flight *flight, apv_call *call, CURLcode code, double now
) {
  if (call->transfer == NULL) return;
  struct apv_secrets secrets = apv_outgoing_secrets(&call->request);
  apv_handles_end(
    &flight->handles, call->transfer, code, &secrets, &call->verdict
  );
  call->transfer = NULL;
  apv_timeline_remove(&flight->connecting, &call->schedule.connecting);
  flight->under_way--;
  if (reads(call)) flight->reading--;
  note_protocol(flight, call);
  apv_lane_report(lane_of(flight, call), call, now);
}

void apv_flight_end_call(
  struct apv_flight *flight, apv_call *call, double now
) {
  struct apv_schedule *schedule = &call->schedule;
  note_maybe_processed(call);
  apv_lane_remove(lane_of(flight, call), call);
  apv_timeline_remove(&flight->deadlines, &schedule->deadline);
  apv_timeline_remove(&flight->patience, &schedule->patience);
  apv_timeline_insert(&flight->ended, &schedule->queue_entry, now);
  apv_form_drop(&call->request.form); /* a response may be kept for long */
  flight->in_flight--;
  flight->ended_count++;
  schedule->elapsed = now - schedule->started;
  call->done = true;
  if (!apv_call_succeeded(call)) apv_call_cut_body(call);
}

void apv_flight_give_up(
  struct apv_flight *flight, apv_call *call, enum apv_status status,
  const char *words
) {
  double now = apv_system_now();
  apv_flight_end_attempt(flight, call, CURLE_ABORTED_BY_CALLBACK, now);
  apv_verdict_replace(&call->verdict, status, words);
  apv_flight_end_call(flight, call, now);
}

void apv_flight_end_all(
  struct apv_flight *flight, enum apv_status status, const char *words
) {
  while (flight->deadlines.first != NULL) {
    apv_flight_give_up(flight, flight->deadlines.first->owner, status, words);
  }
}

/* --- the run queues ------------------------------------------------------- */

void apv_flight_arm_patience(
  struct apv_flight *flight, apv_call *call, double at
) {
  apv_timeline_remove(&flight->patience, &call->schedule.patience);
  apv_timeline_insert(&flight->patience, &call->schedule.patience, at);
}

/* Starts anew the idle limit of an upload, or the limit of another attempt. */
static void note_progress(
  struct apv_flight *flight, apv_call *call, double now
) {
  const struct apv_schedule *schedule = &call->schedule;
  double limit = fmax(schedule->idle_limit, schedule->attempt_limit);
  if (limit > 0) apv_flight_arm_patience(flight, call, now + limit);
}

static void on_moved(void *owner) {
  apv_call *call = owner;
  call->flight->progress_count++;
  note_progress(call->flight, call, apv_system_now());
}

/* Ends the call as THROTTLED: the gate opens only after its deadline. Status
** and headers of the last attempt stay. */
static void refuse(struct apv_flight *flight, apv_call *call, double now) {
  static const char *const names[] = {"reads", "writes", "uploads"};
  struct apv_verdict *verdict = &call->verdict;
  double wait = lane_of(flight, call)->gate.closed_until - now;
  verdict->status = APV_THROTTLED;
  verdict->hint = NULL;
  verdict->retry_after = (long long)ceil(wait);
  snprintf(
    verdict->words, sizeof verdict->words,
    "the service takes no more %s for %lld s, and the deadline is earlier",
    names[apv_operation_class(call->request.operation)], verdict->retry_after
  );
  apv_flight_end_call(flight, call, now);
}

/* The idle limit does not run while the call waits: for the gate, for its next
** attempt, or for one of the client's connections. */
static void queue_call(
  struct apv_flight *flight, apv_call *call, double at, double now
) {
  struct apv_lane *lane = lane_of(flight, call);
  if (apv_lane_is_closed_for(lane, call, now)) {
    refuse(flight, call, now);
  } else {
    apv_lane_add(lane, call, at);
  }
}

/* Ends calls in the run queue whose deadline is now before the gate opens: it
** was closed for longer since they were queued. */
static void refuse_hopeless(
  struct apv_flight *flight, struct apv_lane *lane, double now
) {
  struct apv_timeline waiting = lane->queue;
  struct apv_moment *entry;
  if (lane->gate.closed_until <= lane->refused_until) return;
  lane->refused_until = lane->gate.closed_until;
  lane->queue = (struct apv_timeline){0};
  while ((entry = waiting.first) != NULL) {
    apv_timeline_remove(&waiting, entry);
    queue_call(flight, entry->owner, entry->at, now);
  }
}

/* A libcurl that waits for a lookup when it gives it up is not told of the
** limit for connections: we give up the attempt, and leave the lookup to
** itself. */
static void limit_connecting(
  struct apv_flight *flight, apv_call *call, double now
) {
  double limit = flight->handles.origin->connect_timeout;
  if (apv_library_gives_up_lookups()) return;
  apv_timeline_insert(
    &flight->connecting, &call->schedule.connecting, now + limit
  );
}

static void note_request(
  struct apv_flight *flight, const apv_call *call, double now
) {
  bool may_share = reads(call) && flight->handles.origin->secure;
  if (!may_share || flight->acquainted_at != 0) return;
  flight->acquainted_at = now + LONGEST_WAIT;
}

/* The attempt is under way; false: the verdict says why it is not. */
static bool begin_attempt(struct apv_flight *flight, apv_call *call) {
  struct apv_transfer_spec spec = {
    .most_bytes = flight->most_bytes, .owner = call, .moved = on_moved};
  const char *problem = NULL;
  apv_verdict_free(&call->verdict);
  apv_outgoing_describe(&call->request, &spec);
  spec.fresh = call->schedule.fresh;
  if (spec.form != NULL) problem = apv_form_problem(spec.form);
  if (problem != NULL) {
    apv_verdict_replace(&call->verdict, APV_FILE, problem);
    return false;
  }
  call->transfer = apv_handles_send(&flight->handles, &spec, &call->verdict);
  return call->transfer != NULL;
}

static void send_call(struct apv_flight *flight, apv_call *call, double now) {
  if (!begin_attempt(flight, call)) {
    apv_lane_report(lane_of(flight, call), call, now);
    apv_flight_end_call(flight, call, now);
    return;
  }
  flight->under_way++;
  if (reads(call)) flight->reading++;
  note_request(flight, call, now);
  call->schedule.attempts++;
  call->schedule.fresh = false;
  call->schedule.heard = 0;
  note_progress(flight, call, now);
  limit_connecting(flight, call, now);
}

/* Calls for which libcurl has no connection wait in our run queue, where that
** costs nothing. Over HTTP/2 reads share one, and only they do. */
static bool has_room(
  const struct apv_flight *flight, const struct apv_lane *lane
) {
  enum { STREAMS = 8 };
  long most = flight->handles.origin->max_connections;
  if (!flight->multiplexes) return flight->under_way < most;
  bool is_shared = flight->reading > 0;
  if (is_shared && lane == &flight->lanes[APV_READS]) {
    return flight->reading < most * STREAMS;
  }
  return flight->under_way - flight->reading + is_shared < most;
}

/* Only an answer shows that the server speaks HTTP/2. So the first read of a
** client goes alone, and other reads wait up to LONGEST_WAIT for its answer, to
** share its connection. */
static bool is_held(
  const struct apv_flight *flight, const struct apv_lane *lane, double now
) {
  return lane == &flight->lanes[APV_READS] && flight->under_way > 0 &&
         now < flight->acquainted_at;
}

/* Takes out of its lane the call that waits for longest of those that may leave
** now; NULL: there is none. */
static apv_call *next_call(struct apv_flight *flight, double now) {
  struct apv_lane *lane;
  unsigned passed = 0;
  while ((lane = apv_lane_first(flight->lanes, passed)) != NULL) {
    bool may_send = has_room(flight, lane) && !is_held(flight, lane, now);
    apv_call *call = may_send ? apv_lane_next(lane, now) : NULL;
    if (call != NULL) return call;
    passed |= 1U << (lane - flight->lanes);
  }
  return NULL;
}

/* A host's turn is short, and beginning an attempt may open a connection,
** which takes a millisecond where it is secured: one at a time then. */
bool apv_flight_dispatch(struct apv_flight *flight, double now) {
  apv_call *call;
  bool sent = false;
  for (int i = 0; i < APV_CLASS_COUNT; i++) {
    refuse_hopeless(flight, &flight->lanes[i], now);
  }
  while ((!sent || !flight->shares_turns) &&
         (call = next_call(flight, now)) != NULL) {
    send_call(flight, call, now);
    sent = true;
  }
  return sent;
}

/* --- the end of an attempt ------------------------------------------------ */

/* Seconds that an upload without a deadline waits at most for its next
** attempt. */
static const double LONGEST_REST = 3600;

static struct apv_outcome outcome_of(
  struct apv_flight *flight, const apv_call *call, double now
) {
  const struct apv_schedule *schedule = &call->schedule;
  const struct apv_verdict *verdict = &call->verdict;
  return (struct apv_outcome){
    .repeatable = apv_outgoing_is_repeatable(&call->request),
    .status = verdict->status,
    .http_status = verdict->http_status,
    .maybe_processed = verdict->maybe_processed,
    .permanent = verdict->permanent,
    .attempt = schedule->attempts,
    .retries = schedule->retries,
    .server_wait = (double)verdict->retry_after,
    .time_left = fmin(schedule->deadline.at - now, LONGEST_REST),
    .budget = flight->retry_budget,
    .random = apv_random_next(&flight->random),
  };
}

void apv_flight_conclude(
  struct apv_flight *flight, apv_call *call, double now
) {
  apv_timeline_remove(&flight->patience, &call->schedule.patience);
  if (apv_call_succeeded(call)) {
    if (flight->retry_budget < APV_RETRY_BUDGET) flight->retry_budget++;
    apv_flight_end_call(flight, call, now);
    return;
  }
  note_maybe_processed(call);
  struct apv_outcome outcome = outcome_of(flight, call, now);
  double wait = apv_retry_wait(&outcome);
  if (wait < 0) {
    apv_flight_end_call(flight, call, now);
    return;
  }
  flight->retry_budget -= apv_retry_cost(&outcome);
  queue_call(flight, call, now + wait, now);
}

static void finish_attempt(
  struct apv_flight *flight, apv_call *call, CURLcode code
) {
  double now = apv_system_now();
  apv_flight_end_attempt(flight, call, code, now);
  apv_flight_conclude(flight, call, now);
}

/* An attempt that begins anew on a fresh connection counts as the same. */
void apv_flight_collect(struct apv_flight *flight) {
  struct apv_handles *handles = &flight->handles;
  struct apv_transfer *transfer;
  CURLcode code;
  while ((transfer = apv_handles_next_finished(handles, &code)) != NULL) {
    bool anew = apv_exchange_begins_anew(&transfer->exchange, code);
    if (anew && apv_handles_restart(handles, transfer, &code)) continue;
    finish_attempt(flight, transfer->spec.owner, code);
  }
}

/* --- life ----------------------------------------------------------------- */

static void init_lanes(struct apv_flight *flight) {
  for (int i = 0; i < APV_CLASS_COUNT; i++) apv_lane_init(&flight->lanes[i]);
}

void apv_flight_init(struct apv_flight *flight, size_t most_bytes) {
  *flight = (struct apv_flight
  ){.most_bytes = most_bytes, .retry_budget = APV_RETRY_BUDGET};
  init_lanes(flight);
}

void apv_flight_leave(struct apv_flight *flight) {
  apv_handles_leave(&flight->handles);
  apv_flight_end_all(flight, APV_CANCELLED, NULL);
  init_lanes(flight);
}

void apv_flight_start(
  struct apv_flight *flight, apv_call *call, double timeout
) {
  double now = call->schedule.started;
  call->flight = flight;
  flight->in_flight++;
  apv_timeline_insert(
    &flight->deadlines, &call->schedule.deadline, now + timeout
  );
  queue_call(flight, call, now, now);
}

double apv_flight_opens(const struct apv_flight *flight) {
  double at = INFINITY;
  for (int i = 0; i < APV_CLASS_COUNT; i++) {
    const struct apv_lane *lane = &flight->lanes[i];
    double opens = has_room(flight, lane) ? apv_lane_opens(lane) : INFINITY;
    if (is_held(flight, lane, opens)) opens = flight->acquainted_at;
    at = fmin(at, opens);
  }
  return at;
}

apv_call *apv_flight_next_ended(struct apv_flight *flight) {
  struct apv_moment *first = flight->ended.first;
  if (first == NULL) return NULL;
  apv_call *call = first->owner;
  apv_flight_forget(call);
  return call;
}

void apv_flight_forget(apv_call *call) {
  if (call->flight == NULL) return;
  apv_timeline_remove(&call->flight->ended, &call->schedule.queue_entry);
  call->flight = NULL;
}
