/* The run queue of one class of requests. It does not know how to send. */
#include "lane.h"

#include <math.h>

#include "limits.h"

void apv_lane_init(struct apv_lane *lane) {
  *lane = (struct apv_lane){.refused_until = 0};
  apv_gate_init(&lane->gate);
}

void apv_lane_add(struct apv_lane *lane, apv_call *call, double at) {
  apv_timeline_insert(&lane->queue, &call->schedule.queue_entry, at);
}

void apv_lane_remove(struct apv_lane *lane, apv_call *call) {
  apv_timeline_remove(&lane->queue, &call->schedule.queue_entry);
}

struct apv_lane *apv_lane_first(
  struct apv_lane lanes[APV_CLASS_COUNT], unsigned passed
) {
  struct apv_lane *found = NULL;
  for (int i = 0; i < APV_CLASS_COUNT; i++) {
    const struct apv_moment *first = lanes[i].queue.first;
    if (first == NULL || (passed >> i & 1U) != 0) continue;
    if (found == NULL || first->at < found->queue.first->at) found = &lanes[i];
  }
  return found;
}

apv_call *apv_lane_next(struct apv_lane *lane, double now) {
  struct apv_moment *first = lane->queue.first;
  if (first == NULL || first->at > now) return NULL;
  if (!apv_gate_admits(&lane->gate, now)) return NULL;
  apv_timeline_remove(&lane->queue, first);
  apv_call *call = first->owner;
  call->schedule.window = apv_gate_sent(&lane->gate);
  return call;
}

double apv_lane_opens(const struct apv_lane *lane) {
  const struct apv_moment *first = lane->queue.first;
  if (first == NULL) return INFINITY;
  return fmax(first->at, apv_gate_opens(&lane->gate));
}

bool apv_lane_is_closed_for(
  const struct apv_lane *lane, const apv_call *call, double now
) {
  static const double LONGEST_REST = 3600; /* seconds */
  double opens = lane->gate.closed_until;
  if (opens <= now) return false;
  return opens >= fmin(call->schedule.deadline.at, now + LONGEST_REST);
}

void apv_lane_report(struct apv_lane *lane, const apv_call *call, double now) {
  const struct apv_verdict *verdict = &call->verdict;
  if (verdict->http_status == 0) {
    apv_gate_lost(&lane->gate, verdict->sent);
    return;
  }
  struct apv_limits limits = apv_limits_of(&verdict->head);
  apv_gate_answered(
    &lane->gate, call->schedule.window, verdict->http_status, &limits, now
  );
}
