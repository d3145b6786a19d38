/* splitmix64: https://prng.di.unimi.it/splitmix64.c */
#include "random.h"

#include <string.h>

#include "system.h"

void apv_random_seed(struct apv_random *random) {
  unsigned char bytes[sizeof random->state];
  double now = apv_system_now();
  memcpy(&random->state, &now, sizeof now);
  random->state ^= (uintptr_t)random;
  if (!apv_system_random(bytes, sizeof bytes)) return;
  uint64_t bits;
  memcpy(&bits, bytes, sizeof bits);
  random->state ^= bits;
}

double apv_random_next(struct apv_random *random) {
  uint64_t bits = random->state += 0x9e3779b97f4a7c15U;
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111ebU;
  bits ^= bits >> 31;
  return (double)(bits >> 11) / 9007199254740992.0; /* 2^53 */
}

void apv_random_bytes(
  struct apv_random *random, unsigned char *out, size_t size
) {
  if (apv_system_random(out, size)) return;
  for (size_t i = 0; i < size; i++) {
    out[i] = (unsigned char)(apv_random_next(random) * 256);
  }
}
