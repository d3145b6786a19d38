/* The header lines of requests. */
#ifndef APV_LINES_H
#define APV_LINES_H

#include "apv.h"

APV_HIDDEN

/* Lines as libcurl takes them, which asks for char *, in one block. */
struct apv_lines {
  size_t block_size;
  size_t count;
  char *line[];
};

bool apv_headers_are_valid(const struct apv_header *headers, size_t count);

/* The lines of every request of a client; NULL: no memory. */
struct apv_lines *apv_lines_common(const struct apv_settings *settings);
/* A call's own lines, and then those of `common` that they do not replace, of
** which the text is shared: `common` must outlive the result. NULL: no
** memory. */
struct apv_lines *apv_lines_own(
  const struct apv_header *headers, size_t count, const struct apv_lines *common
);
/* NULL is fine. */
void apv_lines_free(struct apv_lines *lines);

APV_SHOWN

#endif
