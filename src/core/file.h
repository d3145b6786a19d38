/* A file that is uploaded: opened once, read at any offset, and known to be
** the same from the first part to the last. See apv.h, too. */
#ifndef APV_FILE_H
#define APV_FILE_H

#include "apv.h"

APV_HIDDEN

/* One more reference. NULL is fine. */
apv_file *apv_file_share(apv_file *file);
/* NULL, or why it is not the file any more that was opened. */
const char *apv_file_problem(const apv_file *file);
/* Reads exactly `size` bytes; NULL, or why they cannot be had, or why they
** are not to be used. */
const char *apv_file_read(
  const apv_file *file, char *out, size_t size, long long offset
);

APV_SHOWN

#endif
