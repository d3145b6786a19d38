/* Bytes somewhere else: comparing, trimming, reading numbers. Nothing here asks
** the locale. */
#ifndef APV_SLICE_H
#define APV_SLICE_H

#include "apv.h"

APV_HIDDEN

struct apv_slice apv_slice_of(const char *text);
/* Without the blanks and line ends around it. */
struct apv_slice apv_slice_trim(struct apv_slice text);
/* Reads digits, at most 15; anything else is false. */
bool apv_slice_number(struct apv_slice text, long long *number);
/* Whether the text is `word`, whatever the case of its letters. */
bool apv_slice_is(struct apv_slice text, const char *word);
/* The line at `*position`, without its line feed; `*position` moves behind it.
** False at the end. */
bool apv_slice_next_line(
  struct apv_slice text, size_t *position, struct apv_slice *line
);

APV_SHOWN

#endif
