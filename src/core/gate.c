/* The gate of one class of requests (reads, writes, uploads): how many may
** leave, given what the service said of its limit. The service counts in
** windows of a fixed length; an answer names what remains of one, and the
** seconds until it ends, rounded up.
**
** What is in flight may or may not be counted in the last answer, so all of it
** is taken off what remains: a limit that is known is never overrun.
**
** Nothing in flight holds the others up for long: each second without news one
** more may leave. */
#include "internal.h"

#include <math.h>
#include <string.h>

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

/* One more than are in flight; nobody has said that they may. */
static void guess_one_more(struct apv_gate *gate, double now) {
  if (gate->remaining < 0) {
    gate->burst = all_in_flight(gate) + 1;
  } else {
    if (!gate->guessed) gate->window++;
    gate->guessed = true;
    gate->remaining = all_in_flight(gate) + 1;
  }
  gate->window_ends = now + PATIENCE;
}

/* When a window is over, one request finds out what the next one has: some of
** those in flight may be counted in it already. */
bool apv_gate_admits(struct apv_gate *gate, double now) {
  if (now < gate->closed_until || gate->granted == 0) return false;
  bool over = gate->window_ends > 0 && now >= gate->window_ends;
  bool full = all_in_flight(gate) >= most_in_flight(gate);
  if (over && (full || gate->remaining >= 0)) {
    guess_one_more(gate, now);
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

/* Whether it was counted nobody knows: it is taken for counted. That alone
** never closes the gate, since the service has not said so. */
static void count_unsaid(struct apv_gate *gate) {
  if (gate->remaining > 1) gate->remaining--;
}

void apv_gate_lost(struct apv_gate *gate, bool left) {
  gate->in_flight--;
  if (left) count_unsaid(gate);
}

static double end_of(double now, long long seconds) {
  if (seconds > LONGEST_CLOSING) seconds = LONGEST_CLOSING;
  return now + (double)seconds;
}

/* A time that the service named is never cut short by another answer. */
static void close_gate(struct apv_gate *gate, double until) {
  gate->remaining = 0;
  gate->guessed = false;
  gate->window_ends = until;
  gate->closed_until = fmax(gate->closed_until, until);
}

/* Answers may come in another order than the service counted, so less counts.
** What the next window has only those say that were sent in it. */
static void note_remaining(
  struct apv_gate *gate, unsigned window, const struct apv_limits *limits,
  double now
) {
  /* Those who round down say 0 of the last second. */
  double ends = end_of(now, limits->window > 0 ? limits->window : 1);
  bool first = gate->remaining < 0;
  if (gate->guessed) {
    first = window == gate->window;
    if (!first) {
      count_unsaid(gate);
      return;
    }
  }
  gate->guessed = false;
  if (first || limits->remaining < gate->remaining) {
    gate->remaining = limits->remaining;
  }
  if (first || ends < gate->window_ends) gate->window_ends = ends;
  if (gate->remaining == 0) close_gate(gate, gate->window_ends);
}

/* An answer that says nothing of a limit: where none is known, more may leave
** each time; where one was, it is gone once a window passed without it. */
static void note_silence(struct apv_gate *gate, long http_status) {
  if (gate->remaining >= 0 && gate->guessed && http_status < 500) {
    gate->remaining = -1;
    gate->guessed = false;
  }
  if (gate->remaining >= 0) {
    count_unsaid(gate);
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
    long long wait = apv_server_wait(limits, http_status);
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

/* --- other processes ------------------------------------------------------ */

struct apv_known apv_gate_known(const struct apv_gate *gate) {
  struct apv_known known;
  memset(&known, 0, sizeof known); /* also between the fields */
  known.closed_until = gate->closed_until;
  known.window_ends = gate->window_ends;
  known.remaining = gate->remaining;
  known.burst = gate->burst;
  known.window = gate->window;
  known.guessed = gate->guessed;
  return known;
}

/* A later window counts, in one window what was said, then what is less. */
static bool is_news(
  const struct apv_gate *gate, const struct apv_known *known
) {
  int later = (int)((unsigned)known->window - gate->window);
  if (later != 0) return later > 0;
  if (known->remaining < 0) return false;
  if (gate->remaining < 0) return true;
  if (gate->guessed != (known->guessed != 0)) return gate->guessed;
  return known->remaining < gate->remaining;
}

void apv_gate_learn(struct apv_gate *gate, const struct apv_known *known) {
  if (is_news(gate, known)) {
    gate->window = (unsigned)known->window;
    gate->window_ends = known->window_ends;
    gate->remaining = known->remaining;
    gate->guessed = known->guessed != 0;
  }
  if (known->closed_until > gate->closed_until) gate->burst = known->burst;
  if (known->burst > gate->burst) gate->burst = known->burst;
  gate->closed_until = fmax(gate->closed_until, known->closed_until);
}
