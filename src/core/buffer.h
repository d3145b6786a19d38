/* Bytes that grow up to a limit, and are wiped when they go. */
#ifndef APV_BUFFER_H
#define APV_BUFFER_H

#include "apv.h"

APV_HIDDEN

/* All zero is an empty buffer that holds nothing. */
struct apv_buffer {
  char *data;
  size_t size;
  size_t capacity;
  size_t limit;
};

enum apv_append { APV_APPENDED, APV_OVER_LIMIT, APV_APPEND_NO_MEMORY };

enum apv_append apv_buffer_append(
  struct apv_buffer *buffer, const char *data, size_t size
);
/* So many bytes will come, or so it is said: makes room for them, or for 64 KiB
** of them, unless there is no memory. */
void apv_buffer_expect(struct apv_buffer *buffer, size_t size);
/* Keeps the first `size` bytes at most, unless there is no memory for that. */
void apv_buffer_cut(struct apv_buffer *buffer, size_t size);
/* Wipes and releases the bytes; the limit stays. */
void apv_buffer_free(struct apv_buffer *buffer);

APV_SHOWN

#endif
