/* A timer of a client. */
#ifndef APV_TIMER_H
#define APV_TIMER_H

#include "apv.h"
#include "timeline.h"

APV_HIDDEN

struct apv_engine;

struct apv_timer {
  struct apv_engine *engine; /* NULL once it has ended and was handed out */
  unsigned long number;
  struct apv_moment moment; /* among those to come, or those that ended */
  bool done;
  bool fired;
};

/* A timer that is in no engine yet; NULL: no memory. */
apv_timer *apv_timer_new(void);
/* Frees a timer that is in no engine any more. */
void apv_timer_release(apv_timer *timer);

APV_SHOWN

#endif
