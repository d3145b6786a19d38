/* A timer of a client. */
#include "timer.h"

#include "memory.h"

apv_timer *apv_timer_new(void) {
  apv_timer *timer = apv_allocate(sizeof *timer);
  if (timer != NULL) timer->moment.owner = timer;
  return timer;
}

void apv_timer_release(apv_timer *timer) {
  apv_release(timer, sizeof *timer);
}

bool apv_timer_done(const apv_timer *timer) {
  return timer->done;
}

bool apv_timer_fired(const apv_timer *timer) {
  return timer->fired;
}

unsigned long apv_timer_number(const apv_timer *timer) {
  return timer->number;
}
