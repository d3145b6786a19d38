/* The engine of a client: moves calls on and ends them, each exactly one way,
** by their deadlines. A process that forked starts a new one. */
#ifndef APV_ENGINE_H
#define APV_ENGINE_H

#include "apv.h"
#include "call.h"
#include "handles.h"
#include "lane.h"
#include "origin.h"
#include "poller.h"
#include "random.h"
#include "timeline.h"
#include "timer.h"

APV_HIDDEN

struct apv_engine {
  const struct apv_origin *origin;
  unsigned long process; /* whose the handles are */
  bool closed;
  bool watched; /* a host has asked for a descriptor, also before a fork */
  bool has_news; /* a call ended while no step was running */
  struct apv_handles handles;
  struct apv_poller poller;
  size_t most_bytes; /* of an answer's body */
  struct apv_lane lanes[APV_CLASS_COUNT];
  struct apv_timeline deadlines; /* of calls in flight */
  struct apv_timeline timers;
  struct apv_timeline ended; /* calls that were not handed out since */
  struct apv_timeline fired; /* timers, too, that have ended */
  int in_flight; /* calls that have not ended */
  unsigned long started_count; /* calls and timers */
  unsigned long ended_count;
  unsigned long progress_count; /* how often bytes of uploads moved */
  int retry_budget;
  struct apv_random random;
};

/* `origin` must outlive the engine. */
void apv_engine_init(
  struct apv_engine *engine, const struct apv_origin *origin, size_t most_bytes
);
/* Ends everything as cancelled and closes connections; nothing starts any
** more. May be called again. */
void apv_engine_close(struct apv_engine *engine);

/* Makes the engine this process's own. APV_CLOSED, APV_NO_MEMORY. */
enum apv_status apv_engine_enter(struct apv_engine *engine);
/* Takes a new call, whose schedule says when it started and its limits. The
** engine was entered. */
void apv_engine_start(
  struct apv_engine *engine, apv_call *call, double timeout
);
void apv_engine_cancel(struct apv_engine *engine, apv_call *call);
/* The same with a timer; `seconds` below 0: it does not fire. */
void apv_engine_start_timer(
  struct apv_engine *engine, apv_timer *timer, double seconds
);
void apv_engine_stop_timer(struct apv_engine *engine, apv_timer *timer);

/* See apv_client_step(), apv_client_fd() and apv_client_timeout(). */
void apv_engine_step(struct apv_engine *engine, double seconds);
enum apv_status apv_engine_fd(struct apv_engine *engine, int *fd);
double apv_engine_timeout(const struct apv_engine *engine);

/* What has ended, once; NULL: nothing. It is in the engine no more. */
apv_call *apv_engine_next_ended(struct apv_engine *engine);
apv_timer *apv_engine_next_fired(struct apv_engine *engine);

APV_SHOWN

#endif
