/* As Darwin has it: dladdr() and RTLD_NODELETE are not POSIX's. */
#if defined(_POSIX_C_SOURCE) && !defined(_DARWIN_C_SOURCE)
#error "Darwin hides dladdr() and RTLD_NODELETE without _DARWIN_C_SOURCE"
#endif
#include_next <dlfcn.h>
