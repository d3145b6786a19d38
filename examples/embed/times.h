/* How long something took, many times over. */
#ifndef TIMES_H
#define TIMES_H

#include <stddef.h>

/* All zero at first; to be freed with times_free(). */
struct times {
  double *seconds;
  size_t count;
  size_t room;
};

/* Seconds on a clock that never goes back. */
double times_now(void);

void times_add(struct times *times, double seconds);

/* Prints the median, the 99th percentile and the longest, after `name`. */
void times_print(struct times *times, const char *name);

void times_free(struct times *times);

#endif
