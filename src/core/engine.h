/* The engine of a client: calls and timers, and who waits for them. A process
** that forked starts a new one. */
#ifndef APV_ENGINE_H
#define APV_ENGINE_H

#include "apv.h"
#include "call.h"
#include "flight.h"
#include "origin.h"
#include "poller.h"
#include "timeline.h"
#include "timer.h"

APV_HIDDEN

struct apv_engine {
  struct apv_flight flight; /* calls; the first, see apv_engine_of() */
  const struct apv_origin *origin;
  unsigned long process; /* whose the handles are */
  bool closed;
  bool watched; /* a host has asked for a descriptor, also before a fork */
  bool followed; /* a step follows each start */
  bool has_news; /* a call ended while no step was running */
  struct apv_poller poller;
  struct apv_timeline timers;
  struct apv_timeline fired; /* timers that ended, not handed out since */
  unsigned long started_count; /* calls and timers */
  unsigned long fired_count;
};

/* `origin` must outlive the engine. */
void apv_engine_init(
  struct apv_engine *engine, const struct apv_origin *origin, size_t most_bytes
);
/* Ends everything as cancelled and closes connections; nothing starts any
** more. May be called again. */
void apv_engine_close(struct apv_engine *engine);

/* Makes the engine this process's own. APV_CLOSED, or as apv_handles_open(). */
enum apv_status apv_engine_enter(struct apv_engine *engine);
/* See apv_flight_start(). The engine was entered. */
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

/* The engine whose flight it is. */
struct apv_engine *apv_engine_of(struct apv_flight *flight);

/* A timer that has ended, once; NULL: none. It is in the engine no more. */
apv_timer *apv_engine_next_fired(struct apv_engine *engine);

APV_SHOWN

#endif
