/* Chunked bodies. */
#include "chunks.h"

#include "text.h"

enum { MOST_LINES = 64 * 1024 };

static bool add_digit(struct apv_chunks *chunks, int digit) {
  enum { MOST_DIGITS = 16 };
  if (++chunks->digits > MOST_DIGITS) return false;
  if (chunks->left >> 58 != 0) return false; /* beyond all files */
  chunks->left = chunks->left * 16 + (unsigned)digit;
  chunks->started = true;
  return true;
}

static void end_size_line(struct apv_chunks *chunks) {
  chunks->started = false;
  chunks->digits = 0;
  chunks->state = chunks->left > 0 ? APV_CHUNK_CONTENT : APV_CHUNK_TRAILER;
}

static bool in_size(struct apv_chunks *chunks, char letter) {
  int digit = apv_hex_digit(letter);
  if (digit >= 0) return add_digit(chunks, digit);
  if (!chunks->started) return false;
  chunks->state = APV_CHUNK_EXTENSION;
  if (letter == '\n') end_size_line(chunks);
  return letter == '\n' || letter == '\r' || letter == ';' || letter == ' ' ||
         letter == '\t';
}

static bool in_end(struct apv_chunks *chunks, char letter) {
  if (letter == '\n') {
    chunks->started = false;
    chunks->state = APV_CHUNK_SIZE;
    return true;
  }
  bool first = !chunks->started;
  chunks->started = true;
  return first && letter == '\r';
}

static void in_trailer(struct apv_chunks *chunks, char letter) {
  if (letter == '\n' && !chunks->started) chunks->state = APV_CHUNK_DONE;
  if (letter == '\n') {
    chunks->started = false;
  } else if (letter != '\r') {
    chunks->started = true;
  }
}

/* One byte that is not content; false: there is none like it. */
static bool take(struct apv_chunks *chunks, char letter) {
  switch (chunks->state) {
    case APV_CHUNK_SIZE: return in_size(chunks, letter);
    case APV_CHUNK_EXTENSION:
      if (letter == '\n') end_size_line(chunks);
      return ++chunks->lines <= MOST_LINES;
    case APV_CHUNK_END: return in_end(chunks, letter);
    case APV_CHUNK_TRAILER:
      in_trailer(chunks, letter);
      return ++chunks->lines <= MOST_LINES;
    default: return false; /* bytes behind the end */
  }
}

size_t apv_chunks_next(
  struct apv_chunks *chunks, const char **data, const char *end,
  const char **content, bool *broken
) {
  *broken = false;
  while (*data < end) {
    if (chunks->state == APV_CHUNK_CONTENT) {
      size_t size = (size_t)(end - *data);
      if (size > chunks->left) size = (size_t)chunks->left;
      *content = *data;
      *data += size;
      chunks->left -= size;
      if (chunks->left == 0) chunks->state = APV_CHUNK_END;
      return size;
    }
    if (!take(chunks, *(*data)++)) {
      *broken = true;
      return 0;
    }
  }
  return 0;
}
