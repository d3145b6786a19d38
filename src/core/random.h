/* Chance: for waits, and for what nobody may foresee. */
#ifndef APV_RANDOM_H
#define APV_RANDOM_H

#include <stdint.h>

#include "apv.h"

APV_HIDDEN

struct apv_random {
  uint64_t state;
};

/* Two processes, or two owners in one, get different numbers. */
void apv_random_seed(struct apv_random *random);
/* From 0 to below 1: for waits, not for secrets. */
double apv_random_next(struct apv_random *random);
/* Bytes that nobody can foresee where the system has such. */
void apv_random_bytes(
  struct apv_random *random, unsigned char *out, size_t size
);

APV_SHOWN

#endif
