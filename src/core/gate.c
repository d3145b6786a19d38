/* The gate of one class of requests (reads, writes, uploads): how many may
** leave, given what the service said of its limit. The service counts in
** windows of a fixed length; an answer names what remains of one, and the
** seconds until it ends, rounded up.
**
** What is in flight may or may not be counted in the last answer, so all of it
** is taken off what remains: a limit that is known is never overrun.
**
** So that one slow response cannot block the queue, one extra request is
** admitted for each second without any response. */
#include "gate.h"

#include <math.h>

#include "limits.h"

enum {
  /* In flight before the first answer: below the service's lowest limit. */
  FIRST_BURST = 32,
  LARGEST_BURST = 1 << 30,
  /* Seconds after a 429 that names no time. */
  UNNAMED_WAIT = 1,
  /* Seconds: whatever an answer says, it does not shut a client forever. */
  LONGEST_CLOSING = 3600,
  /* Seconds without news after which one more may leave. */
  PATIENCE = 1
};

void apv_gate_init(struct apv_gate *gate) {
  *gate = (struct apv_gate){
    .remaining = -1,
    .burst = FIRST_BURST,
    .granted = -1,
  };
}

static long long all_in_flight(const struct apv_gate *gate) {
  return gate->in_flight + gate->elsewhere;
}

static long long most_in_flight(const struct apv_gate *gate) {
  return gate->remaining >= 0 ? gate->remaining : gate->burst;
}

/* Admits one more than are in flight, on our own estimate. */
static void estimate_one_more(struct apv_gate *gate, double now) {
  if (gate->remaining < 0) {
    gate->burst = all_in_flight(gate) + 1;
  } else {
    if (!gate->estimated) gate->window++;
    gate->estimated = true;
    gate->remaining = all_in_flight(gate) + 1;
  }
  gate->window_ends = now + PATIENCE;
}

/* After the end of a window one request is admitted to find out what the next
** one has left: requests in flight may be counted in it already. */
bool apv_gate_admits(struct apv_gate *gate, double now) {
  if (now < gate->closed_until || gate->granted == 0) return false;
  bool over = gate->window_ends > 0 && now >= gate->window_ends;
  bool full = all_in_flight(gate) >= most_in_flight(gate);
  if (over && (full || gate->remaining >= 0)) {
    estimate_one_more(gate, now);
    return true;
  }
  if (full && gate->window_ends == 0) gate->window_ends = now + PATIENCE;
  return !full;
}

double apv_gate_opens(const struct apv_gate *gate) {
  bool full = all_in_flight(gate) >= most_in_flight(gate);
  if (!full && gate->granted != 0) return gate->closed_until;
  return fmax(gate->closed_until, gate->window_ends);
}

unsigned apv_gate_sent(struct apv_gate *gate) {
  gate->in_flight++;
  if (gate->granted > 0) gate->granted--;
  return gate->window;
}

/* Assume that the service counted a request, but never go below 1 on an
** assumption. */
static void assume_counted(struct apv_gate *gate) {
  if (gate->remaining > 1) gate->remaining--;
}

void apv_gate_lost(struct apv_gate *gate, bool left) {
  gate->in_flight--;
  if (left) assume_counted(gate);
}

static double end_of(double now, long long seconds) {
  if (seconds > LONGEST_CLOSING) seconds = LONGEST_CLOSING;
  return now + (double)seconds;
}

/* A time that the service named is never cut short by another answer. */
static void close_gate(struct apv_gate *gate, double until) {
  gate->remaining = 0;
  gate->estimated = false;
  gate->window_ends = until;
  gate->closed_until = fmax(gate->closed_until, until);
}

/* Answers may arrive out of order, so the smallest remainder of a window
** counts. What the next window has left is said only by answers to requests
** that were sent in it. */
static void note_remaining(
  struct apv_gate *gate, unsigned window, const struct apv_limits *limits,
  double now
) {
  /* A server that rounds down says 0 during the window's last second. */
  double ends = end_of(now, limits->window > 0 ? limits->window : 1);
  bool first = gate->remaining < 0;
  if (gate->estimated) {
    first = window == gate->window;
    if (!first) {
      assume_counted(gate);
      return;
    }
  }
  gate->estimated = false;
  if (first || limits->remaining < gate->remaining) {
    gate->remaining = limits->remaining;
  }
  if (first || ends < gate->window_ends) gate->window_ends = ends;
  if (gate->remaining == 0) close_gate(gate, gate->window_ends);
}

/* No rate-limit headers. If no limit is known, there is nothing to do. If one
** was, it is dropped once a full window passed without it. */
static void note_silence(struct apv_gate *gate, long http_status) {
  if (gate->remaining >= 0 && gate->estimated && http_status < 500) {
    gate->remaining = -1;
    gate->estimated = false;
  }
  if (gate->remaining >= 0) {
    assume_counted(gate);
  } else {
    gate->window_ends = 0;
  }
}

void apv_gate_answered(
  struct apv_gate *gate, unsigned window, long http_status,
  const struct apv_limits *limits, double now
) {
  gate->in_flight--;
  if (http_status == 429) {
    long long wait = apv_limits_wait(limits, http_status);
    close_gate(gate, end_of(now, wait >= 0 ? wait : UNNAMED_WAIT));
    gate->burst = 1;
    return;
  }
  if (gate->burst < LARGEST_BURST) gate->burst *= 2;
  if (limits->remaining >= 0 && limits->window >= 0) {
    note_remaining(gate, window, limits, now);
  } else {
    note_silence(gate, http_status);
  }
}
