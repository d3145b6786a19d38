/* Memory: one settable allocator, blocks wiped at death. */
#include "memory.h"

#include <stdlib.h>
#include <string.h>

static struct apv_allocator current = {malloc, free};

/* Called through a volatile pointer so that a compiler cannot see that the
** bytes are never read again and leave the wiping out. */
static void *(*const volatile wipe)(void *, int, size_t) = memset;

void apv_wipe(void *block, size_t size) {
  wipe(block, 0, size);
}

void apv_set_allocator(const struct apv_allocator *allocator) {
  current = *allocator;
}

void *apv_allocate_raw(size_t size) {
  return current.allocate(size);
}

void *apv_allocate(size_t size) {
  void *block = apv_allocate_raw(size);
  if (block != NULL) memset(block, 0, size);
  return block;
}

void apv_release(void *block, size_t size) {
  if (block == NULL) return;
  apv_wipe(block, size);
  current.release(block);
}

char *apv_copy_text(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = apv_allocate(size);
  if (copy != NULL) memcpy(copy, text, size);
  return copy;
}

void apv_release_text(char *text) {
  if (text != NULL) apv_release(text, strlen(text) + 1);
}
