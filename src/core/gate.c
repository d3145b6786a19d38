/* The gate of one class of requests (reads, writes, uploads): how many may
** leave, given what the service said of its limit. The service counts in
** windows of a fixed length; an answer names the limit, what remains of it,
** and the seconds until the window ends, rounded up.
**
** What is in flight may or may not be counted in the last answer, so all of it
** is taken off what remains: the limit is never overrun. */
#include "internal.h"

#include <math.h>

enum {
  /* In flight before the first answer: below the service's lowest limit. */
  FIRST_BURST = 32,
  LARGEST_BURST = 1 << 30,
  /* Seconds after a 429 that names no time. */
  UNNAMED_WAIT = 1,
  /* Seconds: whatever an answer says, it does not shut a client forever. */
  LONGEST_CLOSING = 3600
};

void apv_gate_init(struct apv_gate *gate) {
  *gate = (struct apv_gate){.limit = -1, .remaining = -1, .burst = FIRST_BURST};
}

/* When the window is over, one request finds out what the next one has: some
** of those in flight may be counted in it already. */
static void enter_next_window(struct apv_gate *gate, double now) {
  if (gate->remaining < 0 || gate->window_ends == 0) return;
  if (now < gate->window_ends) return;
  gate->remaining = gate->limit > 0 ? gate->in_flight + 1 : -1;
  gate->window_ends = 0;
}

bool apv_gate_admits(struct apv_gate *gate, double now) {
  if (now < gate->closed_until) return false;
  enter_next_window(gate, now);
  long long most = gate->remaining >= 0 ? gate->remaining : gate->burst;
  return gate->in_flight < most;
}

double apv_gate_opens(const struct apv_gate *gate) {
  long long most = gate->remaining >= 0 ? gate->remaining : gate->burst;
  if (gate->remaining == 0 || gate->in_flight < most) {
    return gate->closed_until;
  }
  return gate->window_ends > 0 ? gate->window_ends : INFINITY;
}

void apv_gate_sent(struct apv_gate *gate) {
  gate->in_flight++;
}

static double end_of(double now, long long seconds) {
  if (seconds > LONGEST_CLOSING) seconds = LONGEST_CLOSING;
  return now + (double)seconds;
}

/* Whether it was counted nobody knows: it is taken for counted. */
static void count_unsaid(struct apv_gate *gate) {
  if (gate->remaining <= 0) return;
  gate->remaining--;
  if (gate->remaining > 0) return;
  if (gate->window_ends > 0) {
    gate->closed_until = gate->window_ends;
  } else {
    gate->remaining = -1; /* no answer will ever say when to go on */
  }
}

void apv_gate_lost(struct apv_gate *gate) {
  gate->in_flight--;
  count_unsaid(gate);
}

/* After a 429. Where the limit is not known it is groped for: one request at
** a time, then two, then four. */
static void close_gate(
  struct apv_gate *gate, const struct apv_limits *limits, double now
) {
  long long wait = apv_server_wait(limits, 429);
  gate->closed_until = end_of(now, wait >= 0 ? wait : UNNAMED_WAIT);
  gate->window_ends = gate->closed_until;
  gate->remaining = 0;
  gate->limit = wait >= 0 && limits->limit > 0 ? limits->limit : -1;
  gate->burst = 1;
}

/* Answers may come in another order than the service counted, so less counts.
** More than that can explain is the next window. */
static void note_remaining(
  struct apv_gate *gate, const struct apv_limits *limits, double now
) {
  double ends = end_of(now, limits->window);
  long long late = gate->in_flight + 1;
  bool next = gate->remaining < 0 || gate->window_ends == 0 ||
              limits->remaining > gate->remaining + late;
  if (next || limits->remaining < gate->remaining) {
    gate->remaining = limits->remaining;
  }
  if (next || ends < gate->window_ends) gate->window_ends = ends;
  if (gate->remaining == 0) gate->closed_until = gate->window_ends;
}

void apv_gate_answered(
  struct apv_gate *gate, long http_status, const struct apv_limits *limits,
  double now
) {
  gate->in_flight--;
  if (http_status == 429) {
    close_gate(gate, limits, now);
    return;
  }
  if (gate->burst < LARGEST_BURST) gate->burst *= 2;
  if (limits->remaining >= 0 && limits->window >= 0 && limits->limit > 0) {
    gate->limit = limits->limit;
    note_remaining(gate, limits, now);
  } else {
    count_unsaid(gate);
  }
}
