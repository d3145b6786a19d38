/* Where memory comes from, and how it goes. */
#ifndef APV_ALLOCATOR_H
#define APV_ALLOCATOR_H

#include <stddef.h>

#if defined(__GNUC__)
#pragma GCC visibility push(hidden)
#endif

/* Where the core takes its memory from. `allocate` returns NULL when there
** is none. Must be set before the first client is made, if at all. */
struct apv_allocator {
  void *(*allocate)(size_t size);
  void (*release)(void *block);
};

void apv_set_allocator(const struct apv_allocator *allocator);

/* Zeroed memory from there, or NULL. */
void *apv_allocate(size_t size);
/* Wipes `size` bytes and releases the block; NULL is fine. */
void apv_release(void *block, size_t size);
/* Wipes what held a secret, which no compiler leaves out. */
void apv_wipe(void *block, size_t size);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
