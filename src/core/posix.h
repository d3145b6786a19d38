/* What POSIX systems' headers are to offer: included before all of them. */
#ifndef APV_POSIX_H
#define APV_POSIX_H

/* dladdr(), RTLD_NODELETE, accept4(), flock(); what macOS adds to POSIX; files
** beyond 2 GiB where a long has 32 bits. */
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#ifndef _FILE_OFFSET_BITS
#define _FILE_OFFSET_BITS 64
#endif

#endif
