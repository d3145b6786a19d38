/* The head of an answer: its status line and header lines, as they came.
** libcurl is lenient with both, so what matters in them is read here. */
#ifndef APV_HEAD_H
#define APV_HEAD_H

#include "apv.h"
#include "buffer.h"

APV_HIDDEN

/* Header lines that the core needs of each answer. */
enum apv_known_header {
  APV_CONTENT_LENGTH,
  APV_CONTENT_TYPE,
  APV_DATE,
  APV_RATE_LIMIT,
  APV_RATE_REMAINING,
  APV_RATE_WINDOW,
  APV_RETRY_AFTER,
  APV_TRANSFER_ENCODING,
  APV_KNOWN_HEADERS
};

/* All zero is an empty one. A provisional answer (1xx) has a head, too; the
** final one takes its place. */
struct apv_head {
  struct apv_buffer lines; /* without the empty one at the end */
  bool ended; /* the empty line has come */
  bool final; /* and what follows it is the body */
  bool multiplexed; /* the answer came over HTTP/2 or a later version */
  long status; /* of the status line; 0: none yet, or it is broken */
  size_t passed; /* bytes that were ignored: provisional heads, trailers */
  /* The values in `lines`; NULL: there is no such header. */
  struct apv_slice known[APV_KNOWN_HEADERS];
};

/* Forgets what came; the room for lines stays. */
void apv_head_reset(struct apv_head *head);
void apv_head_free(struct apv_head *head);

/* Takes one line, with its line end: of a head, or of the trailers behind the
** body. APV_OK; APV_PROTOCOL: `*problem` says what is wrong with the answer;
** APV_NO_MEMORY. */
enum apv_status apv_head_take(
  struct apv_head *head, struct apv_slice line, const char **problem
);

/* The head says that a body follows. */
bool apv_head_announces_body(const struct apv_head *head);
/* The body comes in chunks. */
bool apv_head_is_chunked(const struct apv_head *head);

/* Walks the header lines: start with `*position` 0; false at the end. */
bool apv_head_next(
  const struct apv_head *head, size_t *position, struct apv_slice *name,
  struct apv_slice *value
);
/* The first header of that name, whatever its case; false: none. */
bool apv_head_find(
  const struct apv_head *head, const char *name, struct apv_slice *value
);

APV_SHOWN

#endif
