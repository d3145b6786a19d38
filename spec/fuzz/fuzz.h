/* What the fuzz targets share. Each gives bytes to what parses bytes of others,
** and checks what must hold of the result, whatever they are. */
#ifndef FUZZ_H
#define FUZZ_H

#include <lua.h>
#include <stdint.h>

#include "../../src/core/apv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the run, with the input that led here kept, unless `promise` holds. */
#define PROMISE(promise) \
  ((promise) ? (void)0 : fuzz_broken(#promise, __FILE__, __LINE__))

_Noreturn void fuzz_broken(const char *promise, const char *file, int line);

/* The next text of an input: what comes before a zero, which is taken too, or
** before the end. The copy is the caller's to free(). */
char *fuzz_take_text(struct apv_slice *input);

/* The next byte as a number; 0 at the end. */
unsigned fuzz_take_byte(struct apv_slice *input);

/* Text for people: UTF-8 in one line. */
bool fuzz_is_readable(struct apv_slice text);

/* Whether `text` has `part` anywhere. */
bool fuzz_holds(struct apv_slice text, const char *part);

/* A Lua with the module in reach, the same one every time. */
lua_State *fuzz_lua(void);

/* [-n, +0] Nothing is left of an input. Whatever allocates more than it frees
** is searched for leaks, which takes long. */
void fuzz_settle(lua_State *L);

#endif
