/* The engine of a client. */
#include "engine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "operation.h"
#include "retry.h"
#include "system.h"

/* Time slice of one step in event-loop mode, in seconds. */
static const double TURN = 0.0005;

/* Seconds that an upload waits at most for its next attempt. */
static const double LONGEST_REST = 3600;

static struct apv_lane *lane_of(struct apv_engine *engine, const apv_call *call) {
  return &engine->lanes[apv_operation_class(call->request.operation)];
}

/* --- the end of calls and timers ------------------------------------------ */

/* 503 counts as not processed, except for uploads, where the service can tell
** us. */
static void note_maybe_processed(apv_call *call) {
  const struct apv_verdict *verdict = &call->verdict;
  bool uploads = apv_outgoing_is_upload(&call->request);
  if (!verdict->maybe_processed) return;
  if (!uploads && verdict->http_status == 503) return;
  call->schedule.maybe_processed = true;
}

/* Ends the present attempt, if there is one, and reads how. */
static void end_attempt(
  struct apv_engine *engine, apv_call *call, CURLcode code, double now
) {
  if (call->transfer == NULL) return;
  struct apv_secrets secrets = apv_outgoing_secrets(&call->request);
  apv_handles_end(
    &engine->handles, call->transfer, code, &secrets, &call->verdict
  );
  call->transfer = NULL;
  apv_lane_report(lane_of(engine, call), call, now);
}

/* The one way in which a call ends: by the verdict that it has. */
static void end_call(struct apv_engine *engine, apv_call *call, double now) {
  struct apv_schedule *schedule = &call->schedule;
  note_maybe_processed(call);
  apv_lane_remove(lane_of(engine, call), call);
  apv_timeline_remove(&engine->deadlines, &schedule->deadline);
  apv_timeline_insert(&engine->ended, &schedule->queue_entry, now);
  apv_form_drop(&call->request.form); /* a response may be kept for long */
  engine->in_flight--;
  engine->ended_count++;
  schedule->elapsed = now - schedule->started;
  call->done = true;
  if (!apv_call_succeeded(call)) apv_call_cut_body(call);
}

/* Ends the call for a reason of ours; of an attempt nothing remains but what it
** may have done. */
static void give_up(
  struct apv_engine *engine, apv_call *call, enum apv_status status,
  const char *words
) {
  double now = apv_system_now();
  end_attempt(engine, call, CURLE_ABORTED_BY_CALLBACK, now);
  apv_verdict_replace(&call->verdict, status, words);
  end_call(engine, call, now);
}

static void end_timer(
  struct apv_engine *engine, apv_timer *timer, bool fired
) {
  apv_timeline_remove(&engine->timers, &timer->moment);
  apv_timeline_insert(&engine->fired, &timer->moment, apv_system_now());
  engine->ended_count++;
  timer->fired = fired;
  timer->done = true;
}

static void end_all_calls(struct apv_engine *engine, enum apv_status status) {
  while (engine->deadlines.first != NULL) {
    give_up(engine, engine->deadlines.first->owner, status, NULL);
  }
}

static void end_all_timers(struct apv_engine *engine) {
  while (engine->timers.first != NULL) {
    end_timer(engine, engine->timers.first->owner, false);
  }
}

/* --- deadlines ------------------------------------------------------------ */

static void set_deadline(
  struct apv_engine *engine, apv_call *call, double at
) {
  apv_timeline_remove(&engine->deadlines, &call->schedule.deadline);
  apv_timeline_insert(&engine->deadlines, &call->schedule.deadline, at);
}

/* The idle limit runs anew from that time on, if the call has one. */
static void note_progress(
  struct apv_engine *engine, apv_call *call, double at
) {
  double limit = call->schedule.idle_limit;
  if (limit > 0) set_deadline(engine, call, at + limit);
}

static void on_moved(void *owner) {
  apv_call *call = owner;
  call->engine->progress_count++;
  note_progress(call->engine, call, apv_system_now());
}

static void end_overdue_call(
  struct apv_engine *engine, apv_call *call, double now
) {
  char words[64];
  const struct apv_schedule *schedule = &call->schedule;
  struct apv_verdict *verdict = &call->verdict;
  if (call->transfer != NULL) {
    end_attempt(engine, call, CURLE_OPERATION_TIMEDOUT, now);
  } else {
    apv_verdict_replace(verdict, APV_TIMEOUT, NULL);
  }
  if (schedule->idle_limit > 0) {
    snprintf(
      words, sizeof words, "nothing moved for %.3g s", schedule->idle_limit
    );
  } else {
    snprintf(
      words, sizeof words, "no answer within %.3g s",
      schedule->deadline.at - schedule->started
    );
  }
  verdict->status = APV_TIMEOUT;
  verdict->permanent = false;
  strcpy(verdict->words, words);
  end_call(engine, call, now);
}

static void end_overdue(struct apv_engine *engine, double now) {
  struct apv_moment *first;
  while ((first = engine->deadlines.first) != NULL && first->at <= now) {
    end_overdue_call(engine, first->owner, now);
  }
  while ((first = engine->timers.first) != NULL && first->at <= now) {
    end_timer(engine, first->owner, true);
  }
}

/* --- the run queues ------------------------------------------------------- */

/* The gate opens only after the call's deadline. Status and headers of the last
** attempt stay. */
static void refuse(struct apv_engine *engine, apv_call *call, double now) {
  static const char *const names[] = {"reads", "writes", "uploads"};
  struct apv_verdict *verdict = &call->verdict;
  double wait = lane_of(engine, call)->gate.closed_until - now;
  verdict->status = APV_THROTTLED;
  verdict->retry_after = (long long)ceil(wait);
  snprintf(
    verdict->words, sizeof verdict->words,
    "the service takes no more %s for %lld s, and the deadline is earlier",
    names[apv_operation_class(call->request.operation)], verdict->retry_after
  );
  end_call(engine, call, now);
}

/* The idle limit does not run while the call has to wait for its next attempt;
** an upload waits at most an hour for it. */
static void queue_call(
  struct apv_engine *engine, apv_call *call, double at, double now
) {
  struct apv_lane *lane = lane_of(engine, call);
  if (call->schedule.idle_limit > 0) {
    set_deadline(engine, call, now + LONGEST_REST);
  }
  if (apv_lane_is_closed_for(lane, call, now)) {
    refuse(engine, call, now);
    return;
  }
  apv_lane_add(lane, call, at);
  note_progress(engine, call, fmax(at, lane->gate.closed_until));
}

/* The gate is closed for longer than it was: those who cannot wait so long are
** told at once. */
static void refuse_hopeless(
  struct apv_engine *engine, struct apv_lane *lane, double now
) {
  struct apv_timeline waiting = lane->queue;
  struct apv_moment *entry;
  if (lane->gate.closed_until <= lane->refused_until) return;
  lane->refused_until = lane->gate.closed_until;
  lane->queue = (struct apv_timeline){0};
  while ((entry = waiting.first) != NULL) {
    apv_timeline_remove(&waiting, entry);
    queue_call(engine, entry->owner, entry->at, now);
  }
}

static void send_call(struct apv_engine *engine, apv_call *call, double now) {
  struct apv_transfer_spec spec = {
    .most_bytes = engine->most_bytes, .owner = call, .moved = on_moved};
  const char *problem = NULL;
  enum apv_status status = APV_FILE;
  apv_verdict_free(&call->verdict);
  apv_outgoing_describe(&call->request, &spec);
  if (spec.form != NULL) problem = apv_form_problem(spec.form);
  if (problem == NULL) {
    status = apv_handles_send(&engine->handles, &spec, &call->transfer);
  }
  if (status != APV_OK) {
    apv_lane_report(lane_of(engine, call), call, now);
    apv_verdict_replace(&call->verdict, status, problem);
    end_call(engine, call, now);
    return;
  }
  call->schedule.attempts++;
  note_progress(engine, call, now);
}

/* A host's turn is short, and beginning an attempt may open a connection,
** which takes a millisecond where it is secured: one at a time then. Returns
** whether there was something to send. */
static bool dispatch_lane(
  struct apv_engine *engine, struct apv_lane *lane, double now
) {
  apv_call *call;
  bool sent = false;
  refuse_hopeless(engine, lane, now);
  while ((call = apv_lane_next(lane, now)) != NULL) {
    send_call(engine, call, now);
    sent = true;
    if (engine->poller.on) break;
  }
  return sent;
}

static bool dispatch(struct apv_engine *engine, double now) {
  bool sent = false;
  for (int i = 0; i < APV_CLASS_COUNT; i++) {
    if (dispatch_lane(engine, &engine->lanes[i], now)) sent = true;
  }
  return sent;
}

/* --- the end of an attempt ------------------------------------------------ */

static struct apv_outcome outcome_of(
  struct apv_engine *engine, const apv_call *call, double now
) {
  const struct apv_schedule *schedule = &call->schedule;
  const struct apv_verdict *verdict = &call->verdict;
  bool rests = schedule->idle_limit > 0;
  return (struct apv_outcome){
    .repeatable = apv_outgoing_is_repeatable(&call->request),
    .status = verdict->status,
    .http_status = verdict->http_status,
    .maybe_processed = verdict->maybe_processed,
    .permanent = verdict->permanent,
    .attempt = schedule->attempts,
    .retries = schedule->retries,
    .server_wait = (double)verdict->retry_after,
    .time_left = rests ? LONGEST_REST : schedule->deadline.at - now,
    .budget = engine->retry_budget,
    .random = apv_random_next(&engine->random),
  };
}

/* libcurl has ended the attempt: the call is sent again later, or ends. */
static void finish_attempt(
  struct apv_engine *engine, apv_call *call, CURLcode code
) {
  double now = apv_system_now();
  end_attempt(engine, call, code, now);
  if (apv_call_succeeded(call)) {
    if (engine->retry_budget < APV_RETRY_BUDGET) engine->retry_budget++;
    end_call(engine, call, now);
    return;
  }
  note_maybe_processed(call);
  struct apv_outcome outcome = outcome_of(engine, call, now);
  double wait = apv_retry_wait(&outcome);
  if (wait < 0) {
    end_call(engine, call, now);
    return;
  }
  engine->retry_budget -= apv_retry_cost(&outcome);
  queue_call(engine, call, now + wait, now);
}

static void collect_finished(struct apv_engine *engine) {
  struct apv_transfer *transfer;
  CURLcode code;
  while ((transfer =
            apv_handles_next_finished(&engine->handles, &code)) != NULL) {
    finish_attempt(engine, transfer->spec.owner, code);
  }
}

/* --- life ----------------------------------------------------------------- */

static void init_lanes(struct apv_engine *engine) {
  for (int i = 0; i < APV_CLASS_COUNT; i++) apv_lane_init(&engine->lanes[i]);
}

void apv_engine_init(
  struct apv_engine *engine, const struct apv_origin *origin, size_t most_bytes
) {
  *engine = (struct apv_engine){
    .origin = origin,
    .most_bytes = most_bytes,
    .retry_budget = APV_RETRY_BUDGET,
  };
  init_lanes(engine);
}

static bool is_open(const struct apv_engine *engine) {
  return engine->handles.multi != NULL;
}

/* The child of a fork leaves all of its parent's alone. */
static void abandon(struct apv_engine *engine) {
  apv_handles_leave(&engine->handles);
  apv_poller_leave(&engine->poller);
  end_all_calls(engine, APV_CANCELLED);
  end_all_timers(engine);
  init_lanes(engine);
}

static bool is_foreign(const struct apv_engine *engine) {
  return is_open(engine) && engine->process != apv_system_process();
}

enum apv_status apv_engine_enter(struct apv_engine *engine) {
  if (engine->closed) return APV_CLOSED;
  if (is_foreign(engine)) abandon(engine);
  if (is_open(engine)) return APV_OK;
  engine->process = apv_system_process();
  enum apv_status status = apv_handles_open(&engine->handles, engine->origin);
  if (status != APV_OK) return status;
  apv_random_seed(&engine->random);
  /* Failing to begin is not fatal. Arm the timer so that the host notices calls
  ** that were ended by the fork. */
  struct apv_poller *poller = &engine->poller;
  if (engine->watched &&
      apv_poller_begin(poller, engine->handles.multi) == APV_OK) {
    apv_poller_arm(poller, 0);
  }
  return APV_OK;
}

void apv_engine_close(struct apv_engine *engine) {
  engine->closed = true;
  if (is_foreign(engine)) abandon(engine);
  end_all_calls(engine, APV_CANCELLED);
  end_all_timers(engine);
  apv_handles_close(&engine->handles);
  apv_poller_end(&engine->poller);
}

/* --- what the caller sees ------------------------------------------------- */

/* When the engine wants its turn; INFINITY: it does not by itself. */
static double next_turn(const struct apv_engine *engine) {
  const struct apv_moment *deadline = engine->deadlines.first;
  const struct apv_moment *timer = engine->timers.first;
  if (engine->has_news) return 0;
  double at = timer ? timer->at : INFINITY;
  if (deadline == NULL) return at;
  at = fmin(at, deadline->at);
  for (int i = 0; i < APV_CLASS_COUNT; i++) {
    at = fmin(at, apv_lane_opens(&engine->lanes[i]));
  }
  return engine->poller.on ? fmin(at, engine->poller.curl_at) : at;
}

static void arm(struct apv_engine *engine) {
  if (engine->poller.on) apv_poller_arm(&engine->poller, next_turn(engine));
}

void apv_engine_start(
  struct apv_engine *engine, apv_call *call, double timeout
) {
  double now = call->schedule.started;
  call->engine = engine;
  call->number = ++engine->started_count;
  engine->in_flight++;
  set_deadline(engine, call, now + timeout);
  queue_call(engine, call, now, now);
  if (!call->done && !engine->poller.on) {
    dispatch_lane(engine, lane_of(engine, call), now);
  }
  if (call->done) engine->has_news = true;
  arm(engine);
}

/* Ends what was in flight in a parent process; false: this is no child. */
static bool was_abandoned(struct apv_engine *engine) {
  if (!is_foreign(engine)) return false;
  abandon(engine);
  return true;
}

void apv_engine_cancel(struct apv_engine *engine, apv_call *call) {
  if (call->done || was_abandoned(engine)) return;
  give_up(engine, call, APV_CANCELLED, NULL);
  if (engine->poller.on) apv_poller_arm(&engine->poller, 0);
}

void apv_engine_start_timer(
  struct apv_engine *engine, apv_timer *timer, double seconds
) {
  double at = seconds < 0 ? INFINITY : apv_system_now() + seconds;
  timer->engine = engine;
  timer->number = ++engine->started_count;
  apv_timeline_insert(&engine->timers, &timer->moment, at);
  arm(engine);
}

void apv_engine_stop_timer(struct apv_engine *engine, apv_timer *timer) {
  if (timer->done || was_abandoned(engine)) return;
  end_timer(engine, timer, false);
  if (engine->poller.on) apv_poller_arm(&engine->poller, 0);
}

static void move_on(struct apv_engine *engine) {
  CURLMcode code = engine->poller.on ? apv_poller_move(&engine->poller)
                                     : apv_handles_move(&engine->handles);
  collect_finished(engine);
  if (code != CURLM_OK) end_all_calls(engine, APV_NO_MEMORY);
}

/* Waits until something can move, until the engine's turn, or until then. */
static void wait_until(struct apv_engine *engine, double until, double now) {
  double ms = ceil((fmin(until, next_turn(engine)) - now) * 1000.0);
  int limit = ms <= 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
  if (engine->poller.on) {
    apv_poller_wait(&engine->poller, limit);
  } else if (apv_handles_wait(&engine->handles, limit) != CURLM_OK) {
    end_all_calls(engine, APV_NO_MEMORY);
  }
}

static bool is_idle(const struct apv_engine *engine) {
  return engine->deadlines.first == NULL && engine->timers.first == NULL;
}

void apv_engine_step(struct apv_engine *engine, double seconds) {
  if (!is_open(engine) || apv_engine_enter(engine) != APV_OK) return;
  /* Even with no calls libcurl may have connections to shut down. */
  if (is_idle(engine) && engine->poller.on) move_on(engine);
  double start = apv_system_now();
  double until = engine->has_news ? start : start + seconds;
  unsigned long ended = engine->ended_count;
  engine->has_news = false;
  while (!is_idle(engine)) {
    unsigned long progress = engine->progress_count;
    move_on(engine);
    double now = apv_system_now();
    bool in_turn = now - start < TURN;
    end_overdue(engine, now);
    bool sent = dispatch(engine, now);
    if (sent && engine->poller.on && in_turn) continue;
    if (engine->ended_count != ended) break;
    if (engine->progress_count != progress && in_turn) continue;
    if (now >= until) break;
    if (!sent) wait_until(engine, until, now);
  }
  arm(engine);
}

enum apv_status apv_engine_fd(struct apv_engine *engine, int *fd) {
  *fd = -1;
  enum apv_status status = apv_engine_enter(engine);
  if (status != APV_OK) return status;
  if (!engine->poller.on) {
    status = apv_poller_begin(&engine->poller, engine->handles.multi);
    if (status != APV_OK) return status;
    arm(engine);
  }
  engine->watched = true;
  *fd = engine->poller.fd;
  return APV_OK;
}

double apv_engine_timeout(const struct apv_engine *engine) {
  double at = next_turn(engine);
  if (at == INFINITY) return -1;
  double seconds = fmax(0, at - apv_system_now());
  double curl = -1;
  if (!engine->poller.on) curl = apv_handles_timeout(&engine->handles);
  return curl < 0 ? seconds : fmin(seconds, curl);
}

apv_call *apv_engine_next_ended(struct apv_engine *engine) {
  struct apv_moment *first = engine->ended.first;
  if (first == NULL) return NULL;
  apv_timeline_remove(&engine->ended, first);
  apv_call *call = first->owner;
  call->engine = NULL;
  return call;
}

apv_timer *apv_engine_next_fired(struct apv_engine *engine) {
  struct apv_moment *first = engine->fired.first;
  if (first == NULL) return NULL;
  apv_timeline_remove(&engine->fired, first);
  apv_timer *timer = first->owner;
  timer->engine = NULL;
  return timer;
}
