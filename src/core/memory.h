/* Where memory comes from, and how it goes. */
#ifndef APV_MEMORY_H
#define APV_MEMORY_H

#include "apv.h"

APV_HIDDEN

/* Zeroed memory from the allocator, or NULL. */
void *apv_allocate(size_t size);
/* The same for bytes that are written before they are read: not zeroed. */
void *apv_allocate_raw(size_t size);
/* Wipes `size` bytes and releases the block; NULL is fine. */
void apv_release(void *block, size_t size);
/* Wipes what held a secret, which no compiler leaves out. */
void apv_wipe(void *block, size_t size);

/* A copy of a text, to be given to apv_release_text(); NULL: no memory. */
char *apv_copy_text(const char *text);
/* NULL is fine. */
void apv_release_text(char *text);

APV_SHOWN

#endif
