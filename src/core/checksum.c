/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
#include "checksum.h"

#include <stdint.h>

unsigned long long apv_checksum(struct apv_slice text) {
  uint64_t sum = 0xcbf29ce484222325U;
  for (size_t i = 0; i < text.size; i++) {
    sum = (sum ^ (unsigned char)text.data[i]) * 0x100000001b3U;
  }
  return sum;
}
