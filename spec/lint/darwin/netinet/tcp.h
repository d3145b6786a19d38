/* As Darwin has it: TCP_NOTSENT_LOWAT is not POSIX's. */
#if defined(_POSIX_C_SOURCE) && !defined(_DARWIN_C_SOURCE)
#error "Darwin hides TCP_NOTSENT_LOWAT without _DARWIN_C_SOURCE"
#endif
#include_next <netinet/tcp.h>
