#define _POSIX_C_SOURCE 200809L
#include "times.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

double times_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

void times_add(struct times *times, double seconds) {
  if (times->count == times->room) {
    times->room = times->room ? times->room * 2 : 1024;
    double *grown =
      realloc(times->seconds, times->room * sizeof *times->seconds);
    if (grown == NULL) abort();
    times->seconds = grown;
  }
  times->seconds[times->count++] = seconds;
}

static int compare(const void *left, const void *right) {
  double a = *(const double *)left;
  double b = *(const double *)right;
  return (a > b) - (a < b);
}

/* Milliseconds that `share` of them did not exceed; they are in order. */
static double percentile(const struct times *times, double share) {
  if (times->count == 0) return 0;
  return times->seconds[(size_t)(share * (double)(times->count - 1))] * 1000;
}

void times_print(struct times *times, const char *name) {
  if (times->count > 0) {
    qsort(times->seconds, times->count, sizeof *times->seconds, compare);
  }
  printf(
    "%-8s p50 %.2f ms, p99 %.2f ms, max %.2f ms\n", name,
    percentile(times, 0.5), percentile(times, 0.99), percentile(times, 1)
  );
}

void times_free(struct times *times) {
  free(times->seconds);
}
