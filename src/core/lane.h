/* The run queue of one class of requests, and the gate that they go through. */
#ifndef APV_LANE_H
#define APV_LANE_H

#include "apv.h"
#include "call.h"
#include "gate.h"
#include "timeline.h"

APV_HIDDEN

struct apv_lane {
  struct apv_timeline queue; /* calls, by when they may leave */
  struct apv_gate gate;
  double refused_until; /* calls with deadlines before that were refused */
};

void apv_lane_init(struct apv_lane *lane);
/* The call may leave at that time, if the gate admits it then. */
void apv_lane_add(struct apv_lane *lane, apv_call *call, double at);
/* Nothing happens when it is not in the queue. */
void apv_lane_remove(struct apv_lane *lane, apv_call *call);
/* The lane, one a class, whose next call may leave first; NULL: none waits.
** Those whose bit is set in `passed` are not looked at. */
struct apv_lane *apv_lane_first(
  struct apv_lane lanes[APV_CLASS_COUNT], unsigned passed
);
/* Takes the next call that may leave now out of the queue, and counts it as
** sent at the gate; NULL: there is none. */
apv_call *apv_lane_next(struct apv_lane *lane, double now);
/* When the next call may leave; INFINITY: none is waiting. */
double apv_lane_opens(const struct apv_lane *lane);
/* Whether waiting is in vain: the gate opens after the call's deadline, or in
** more than an hour. */
bool apv_lane_is_closed_for(
  const struct apv_lane *lane, const apv_call *call, double now
);
/* Tells the gate how an attempt that came through it has ended. */
void apv_lane_report(struct apv_lane *lane, const apv_call *call, double now);

APV_SHOWN

#endif
