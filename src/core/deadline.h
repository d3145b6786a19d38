/* Time limits: ends calls at their deadlines, uploads at their idle limits, and
** gives up attempts that have no connection or no answer in time. */
#ifndef APV_DEADLINE_H
#define APV_DEADLINE_H

#include "apv.h"
#include "flight.h"

APV_HIDDEN

/* Ends what is overdue. */
void apv_deadline_end_overdue(struct apv_flight *flight, double now);
/* When something is; INFINITY: never. */
double apv_deadline_next(const struct apv_flight *flight);

APV_SHOWN

#endif
