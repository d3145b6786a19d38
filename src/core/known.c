/* What processes of one account tell each other of a gate. */
#include "known.h"

#include <math.h>
#include <string.h>

struct apv_known apv_known_of(const struct apv_gate *gate) {
  struct apv_known known;
  memset(&known, 0, sizeof known); /* also between the fields */
  known.closed_until = gate->closed_until;
  known.window_ends = gate->window_ends;
  known.remaining = gate->remaining;
  known.burst = gate->burst;
  known.window = gate->window;
  known.estimated = gate->estimated;
  return known;
}

/* A later window is news. Within one, a number of the service's is preferred to
** an estimate, and then the smaller number. */
static bool is_news(
  const struct apv_gate *gate, const struct apv_known *known
) {
  int later = (int)((unsigned)known->window - gate->window);
  if (later != 0) return later > 0;
  if (known->remaining < 0) return false;
  if (gate->remaining < 0) return true;
  if (gate->estimated != (known->estimated != 0)) return gate->estimated;
  return known->remaining < gate->remaining;
}

void apv_known_take(struct apv_gate *gate, const struct apv_known *known) {
  if (is_news(gate, known)) {
    gate->window = (unsigned)known->window;
    gate->window_ends = known->window_ends;
    gate->remaining = known->remaining;
    gate->estimated = known->estimated != 0;
  }
  if (known->closed_until > gate->closed_until) gate->burst = known->burst;
  if (known->burst > gate->burst) gate->burst = known->burst;
  gate->closed_until = fmax(gate->closed_until, known->closed_until);
}
