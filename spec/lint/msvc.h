/* Included first where clang, as if it were Microsoft's compiler, reads the
** headers of mingw. */
#include <immintrin.h>

#include <_mingw.h>
/* They stand where only GCC takes them. */
#undef __MINGW_ATTRIB_NORETURN
#undef __MINGW_ATTRIB_DEPRECATED
#define __MINGW_ATTRIB_NORETURN
#define __MINGW_ATTRIB_DEPRECATED
