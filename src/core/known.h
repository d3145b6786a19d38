/* What processes of one account tell each other of a gate. */
#ifndef APV_KNOWN_H
#define APV_KNOWN_H

#include "apv.h"
#include "gate.h"

APV_HIDDEN

/* What is known of the limit of one class, for clients of the same build: to be
** compared and copied as bytes. */
struct apv_known {
  double closed_until;
  double window_ends;
  long long remaining;
  long long burst;
  long long window;
  long long estimated;
};

struct apv_known apv_known_of(const struct apv_gate *gate);
/* The gate adopts a later rate-limit window, within the same one the smaller
** remainder, and the later time of opening. */
void apv_known_take(struct apv_gate *gate, const struct apv_known *known);

APV_SHOWN

#endif
