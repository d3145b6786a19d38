/* As Darwin has it: by its own names, which an edition of POSIX hides. */
#ifndef LINT_DARWIN_STAT_H
#define LINT_DARWIN_STAT_H

#if defined(_DARWIN_C_SOURCE) || !defined(_POSIX_C_SOURCE)
#define st_atim st_atimespec
#define st_mtim st_mtimespec
#define st_ctim st_ctimespec
#else
#define st_atim st_hidden_atime
#define st_mtim st_hidden_mtime
#define st_ctim st_hidden_ctime
#endif
#include_next <sys/stat.h>
#undef st_atim
#undef st_mtim
#undef st_ctim

#endif
