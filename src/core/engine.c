/* The engine of a client. */
#include "engine.h"

#include <math.h>

#include "deadline.h"
#include "library.h"
#include "system.h"

/* Time slice of one step in event-loop mode, in seconds. */
static const double TURN = 0.0005;

/* Older libcurls let a write to a connection that the other end has reset send
** SIGPIPE, which ends the host: it is held off while they run. */
static void hold_pipe(struct apv_system_pipe *pipe) {
  if (!apv_library_guards_pipe()) apv_system_hold_pipe(pipe);
}

static void release_pipe(const struct apv_system_pipe *pipe) {
  if (!apv_library_guards_pipe()) apv_system_release_pipe(pipe);
}

/* --- timers --------------------------------------------------------------- */

static void end_timer(struct apv_engine *engine, apv_timer *timer, bool fired) {
  apv_timeline_remove(&engine->timers, &timer->moment);
  apv_timeline_insert(&engine->fired, &timer->moment, apv_system_now());
  engine->fired_count++;
  timer->fired = fired;
  timer->done = true;
}

static void end_all_timers(struct apv_engine *engine) {
  while (engine->timers.first != NULL) {
    end_timer(engine, engine->timers.first->owner, false);
  }
}

/* --- life ----------------------------------------------------------------- */

void apv_engine_init(
  struct apv_engine *engine, const struct apv_origin *origin, size_t most_bytes
) {
  *engine = (struct apv_engine){.origin = origin};
  apv_flight_init(&engine->flight, most_bytes);
}

static bool is_open(const struct apv_engine *engine) {
  return engine->flight.handles.multi != NULL;
}

/* In the child of a fork: lets go of connections and descriptors, which are the
** parent's, without closing them, and ends calls and timers. */
static void abandon(struct apv_engine *engine) {
  apv_poller_leave(&engine->poller);
  engine->flight.shares_turns = false;
  apv_flight_leave(&engine->flight);
  end_all_timers(engine);
}

static bool is_foreign(const struct apv_engine *engine) {
  return is_open(engine) && engine->process != apv_system_process();
}

static enum apv_status begin_polling(struct apv_engine *engine) {
  CURLM *multi = engine->flight.handles.multi;
  enum apv_status status = apv_poller_begin(&engine->poller, multi);
  engine->flight.shares_turns = engine->poller.on;
  return status;
}

enum apv_status apv_engine_enter(struct apv_engine *engine) {
  if (engine->closed) return APV_CLOSED;
  if (is_foreign(engine)) abandon(engine);
  if (is_open(engine)) return APV_OK;
  engine->process = apv_system_process();
  enum apv_status status =
    apv_handles_open(&engine->flight.handles, engine->origin);
  if (status != APV_OK) return status;
  apv_random_seed(&engine->flight.random);
  /* Failing to begin is not fatal. Arm the timer so that the host notices calls
  ** that were ended by the fork. */
  if (engine->watched && begin_polling(engine) == APV_OK) {
    apv_poller_arm(&engine->poller, 0);
  }
  return APV_OK;
}

void apv_engine_close(struct apv_engine *engine) {
  struct apv_system_pipe pipe;
  engine->closed = true;
  hold_pipe(&pipe);
  if (is_foreign(engine)) abandon(engine);
  apv_flight_end_all(&engine->flight, APV_CANCELLED, NULL);
  end_all_timers(engine);
  apv_handles_close(&engine->flight.handles);
  apv_poller_end(&engine->poller);
  release_pipe(&pipe);
}

/* --- what the caller sees ------------------------------------------------- */

/* When the engine wants its turn; INFINITY: it does not by itself. */
static double next_turn(const struct apv_engine *engine) {
  const struct apv_moment *timer = engine->timers.first;
  if (engine->has_news) return 0;
  double at = timer ? timer->at : INFINITY;
  if (engine->flight.in_flight == 0) return at;
  at = fmin(at, apv_deadline_next(&engine->flight));
  at = fmin(at, apv_flight_opens(&engine->flight));
  return engine->poller.on ? fmin(at, engine->poller.curl_at) : at;
}

static void arm(struct apv_engine *engine) {
  if (engine->poller.on) apv_poller_arm(&engine->poller, next_turn(engine));
}

static void arm_for_start(struct apv_engine *engine) {
  if (!engine->followed) arm(engine);
}

void apv_engine_start(
  struct apv_engine *engine, apv_call *call, double timeout
) {
  call->number = ++engine->started_count;
  apv_flight_start(&engine->flight, call, timeout);
  if (call->done) engine->has_news = true;
  arm_for_start(engine);
}

/* Ends what was in flight in a parent process; false: this is no child. */
static bool was_abandoned(struct apv_engine *engine) {
  if (!is_foreign(engine)) return false;
  abandon(engine);
  return true;
}

void apv_engine_cancel(struct apv_engine *engine, apv_call *call) {
  if (call->done || was_abandoned(engine)) return;
  struct apv_system_pipe pipe;
  hold_pipe(&pipe);
  apv_flight_give_up(&engine->flight, call, APV_CANCELLED, NULL);
  release_pipe(&pipe);
  if (engine->poller.on) apv_poller_arm(&engine->poller, 0);
}

void apv_engine_start_timer(
  struct apv_engine *engine, apv_timer *timer, double seconds
) {
  double at = seconds < 0 ? INFINITY : apv_system_now() + seconds;
  timer->engine = engine;
  timer->number = ++engine->started_count;
  apv_timeline_insert(&engine->timers, &timer->moment, at);
  arm_for_start(engine);
}

void apv_engine_stop_timer(struct apv_engine *engine, apv_timer *timer) {
  if (timer->done || was_abandoned(engine)) return;
  end_timer(engine, timer, false);
  if (engine->poller.on) apv_poller_arm(&engine->poller, 0);
}

/* The system did not accept the socket of this transfer, whose call would hang
** until its deadline: that call fails at once, and no other. */
static void end_unwatched(struct apv_engine *engine) {
  CURL *easy = engine->poller.unwatched;
  engine->poller.unwatched = NULL;
  if (easy == NULL) return;
  struct apv_transfer *transfer = apv_handles_find(easy);
  if (transfer == NULL) return;
  apv_flight_give_up(
    &engine->flight, transfer->spec.owner, APV_CONNECTION,
    "the system does not watch more sockets"
  );
}

/* What libcurl cannot do for one call it cannot do for any. */
static void end_if_broken(struct apv_engine *engine, CURLMcode code) {
  char words[APV_LIBRARY_WORDS];
  enum apv_status status = apv_library_multi_status(code, words);
  if (status != APV_OK) apv_flight_end_all(&engine->flight, status, words);
}

static void move_on(struct apv_engine *engine) {
  CURLMcode code = engine->poller.on
                     ? apv_poller_move(&engine->poller)
                     : apv_handles_move(&engine->flight.handles);
  apv_flight_collect(&engine->flight);
  end_unwatched(engine);
  end_if_broken(engine, code);
}

/* Waits until something can move, until the engine's turn, or until then. */
static void wait_until(struct apv_engine *engine, double until, double now) {
  double ms = ceil((fmin(until, next_turn(engine)) - now) * 1000.0);
  int limit = ms <= 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
  if (engine->poller.on) {
    apv_poller_wait(&engine->poller, limit);
  } else {
    end_if_broken(engine, apv_handles_wait(&engine->flight.handles, limit));
  }
}

static bool is_idle(const struct apv_engine *engine) {
  return engine->flight.deadlines.first == NULL && engine->timers.first == NULL;
}

static unsigned long ended_count(const struct apv_engine *engine) {
  return engine->flight.ended_count + engine->fired_count;
}

static void end_overdue(struct apv_engine *engine, double now) {
  struct apv_moment *first;
  apv_deadline_end_overdue(&engine->flight, now);
  while ((first = engine->timers.first) != NULL && first->at <= now) {
    end_timer(engine, first->owner, true);
  }
}

static void step(struct apv_engine *engine, double seconds) {
  struct apv_flight *flight = &engine->flight;
  /* Even with no calls libcurl may have connections to shut down. */
  if (is_idle(engine) && engine->poller.on) move_on(engine);
  double start = apv_system_now();
  double until = engine->has_news ? start : start + seconds;
  unsigned long ended = ended_count(engine);
  engine->has_news = false;
  /* What was started leaves with the first move. In a host's turn attempts
  ** begin below, one at a time. */
  if (!engine->poller.on) apv_flight_dispatch(flight, start);
  while (!is_idle(engine)) {
    unsigned long progress = flight->progress_count;
    move_on(engine);
    double now = apv_system_now();
    bool in_turn = now - start < TURN;
    end_overdue(engine, now);
    bool sent = apv_flight_dispatch(flight, now);
    if (sent && engine->poller.on && in_turn) continue;
    if (ended_count(engine) != ended) break;
    if (flight->progress_count != progress && in_turn) continue;
    if (now >= until) break;
    if (!sent) wait_until(engine, until, now);
  }
}

void apv_engine_step(struct apv_engine *engine, double seconds) {
  struct apv_system_pipe pipe;
  if (!is_open(engine) || apv_engine_enter(engine) != APV_OK) return;
  hold_pipe(&pipe);
  step(engine, seconds);
  release_pipe(&pipe);
  arm(engine);
}

enum apv_status apv_engine_fd(struct apv_engine *engine, int *fd) {
  *fd = -1;
  enum apv_status status = apv_engine_enter(engine);
  if (status != APV_OK) return status;
  if (!engine->poller.on) {
    struct apv_system_pipe pipe;
    hold_pipe(&pipe);
    status = begin_polling(engine);
    release_pipe(&pipe);
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
  if (!engine->poller.on) curl = apv_handles_timeout(&engine->flight.handles);
  return curl < 0 ? seconds : fmin(seconds, curl);
}

apv_timer *apv_engine_next_fired(struct apv_engine *engine) {
  struct apv_moment *first = engine->fired.first;
  if (first == NULL) return NULL;
  apv_timeline_remove(&engine->fired, first);
  apv_timer *timer = first->owner;
  timer->engine = NULL;
  return timer;
}

struct apv_engine *apv_engine_of(struct apv_flight *flight) {
  return (struct apv_engine *)flight; /* its first member */
}
