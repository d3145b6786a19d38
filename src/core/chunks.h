/* A body that comes in chunks (RFC 9112, 7.1), taken apart by us: libcurl says
** of broken framing what it says of a connection that breaks. Pure. */
#ifndef APV_CHUNKS_H
#define APV_CHUNKS_H

#include "apv.h"

APV_HIDDEN

enum apv_chunk_state {
  APV_CHUNK_SIZE, /* zeroed: before or within the size */
  APV_CHUNK_EXTENSION, /* behind it, up to the end of the line */
  APV_CHUNK_CONTENT,
  APV_CHUNK_END, /* the line end behind the content */
  APV_CHUNK_TRAILER, /* lines behind the last chunk */
  APV_CHUNK_DONE
};

struct apv_chunks {
  enum apv_chunk_state state;
  bool started; /* within a size, or within a line of the trailer */
  unsigned char digits; /* of the size so far */
  unsigned long long left; /* the size so far, or content still to come */
  size_t lines; /* bytes of extensions and trailers, at most 64 KiB */
};

/* Takes bytes from `*data`, up to `end`, until a run of content is found or
** none is left. The run is `*content` and the size that is returned, 0 when all
** was taken. `*broken` tells that this is no chunked body, or that what is
** beside the content is larger than 64 KiB. */
size_t apv_chunks_next(
  struct apv_chunks *chunks, const char **data, const char *end,
  const char **content, bool *broken
);

APV_SHOWN

#endif
