/* The gate of one class of requests: how many may leave. */
#ifndef APV_GATE_H
#define APV_GATE_H

#include "apv.h"

APV_HIDDEN

struct apv_gate {
  double closed_until; /* on the system's clock */
  double window_ends; /* of the current rate-limit window; 0: unknown */
  unsigned window; /* its number; wraps */
  long long remaining; /* requests left in it; -1: not known */
  bool estimated; /* `remaining` is our estimate, not the service's number */
  long long in_flight;
  long long elsewhere; /* in flight in other processes */
  long long granted; /* requests that may leave still; below 0: any number */
  long long burst; /* most in flight while nothing is known */
};

void apv_gate_init(struct apv_gate *gate);
/* Whether one more request may leave now. If not, ask again at the time that
** apv_gate_opens() gives, or when a request in flight has ended. */
bool apv_gate_admits(struct apv_gate *gate, double now);
/* The time from which the gate may admit more although nothing ends; in the
** past, or 0, if it admits now. */
double apv_gate_opens(const struct apv_gate *gate);
/* Call once per request; pair it with one apv_gate_answered(), passing the
** returned window, or one apv_gate_lost(). `left`: some bytes were sent. */
unsigned apv_gate_sent(struct apv_gate *gate);
void apv_gate_answered(
  struct apv_gate *gate, unsigned window, long http_status,
  const struct apv_limits *limits, double now
);
void apv_gate_lost(struct apv_gate *gate, bool left);

APV_SHOWN

#endif
