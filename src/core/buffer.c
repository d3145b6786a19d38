/* A byte buffer that grows up to a limit. */
#include "buffer.h"

#include <string.h>

#include "memory.h"

enum { FIRST_CAPACITY = 512, MOST_EXPECTED = 64 * 1024 };

/* Never realloc(): it would leave an unwiped copy behind. */
static bool resize(struct apv_buffer *buffer, size_t capacity) {
  char *data = apv_allocate_raw(capacity);
  if (data == NULL) return false;
  if (buffer->size > 0) memcpy(data, buffer->data, buffer->size);
  apv_release(buffer->data, buffer->capacity);
  buffer->data = data;
  buffer->capacity = capacity;
  return true;
}

static bool grow(struct apv_buffer *buffer, size_t needed) {
  size_t capacity = buffer->capacity ? buffer->capacity : FIRST_CAPACITY;
  while (capacity < needed) capacity *= 2;
  return resize(buffer, capacity < buffer->limit ? capacity : buffer->limit);
}

void apv_buffer_expect(struct apv_buffer *buffer, size_t size) {
  if (size > MOST_EXPECTED) size = MOST_EXPECTED;
  if (size > buffer->capacity && size <= buffer->limit) resize(buffer, size);
}

enum apv_append apv_buffer_append(
  struct apv_buffer *buffer, const char *data, size_t size
) {
  if (size > buffer->limit - buffer->size) return APV_OVER_LIMIT;
  if (size == 0) return APV_APPENDED;
  if (size > buffer->capacity - buffer->size) {
    if (!grow(buffer, buffer->size + size)) return APV_APPEND_NO_MEMORY;
  }
  memcpy(buffer->data + buffer->size, data, size);
  buffer->size += size;
  return APV_APPENDED;
}

void apv_buffer_cut(struct apv_buffer *buffer, size_t size) {
  if (buffer->size <= size) return;
  char *data = apv_allocate_raw(size);
  if (data == NULL) return;
  memcpy(data, buffer->data, size);
  apv_buffer_free(buffer);
  buffer->data = data;
  buffer->size = size;
  buffer->capacity = size;
}

void apv_buffer_free(struct apv_buffer *buffer) {
  apv_release(buffer->data, buffer->capacity);
  buffer->data = NULL;
  buffer->size = 0;
  buffer->capacity = 0;
}
