/* The memory of Lua, of the core and of libcurl, as the host gives it: it is
** counted, and it fails as planned. One thread, one plan at a time. */
#ifndef OOM_MEMORY_H
#define OOM_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Whose requests a plan is about. */
enum memory_owner { MEMORY_LUA = 1, MEMORY_CORE = 2, MEMORY_CURL = 4 };

enum memory_failure {
  MEMORY_GIVEN, /* none: requests are only counted */
  MEMORY_SPARED, /* one fails, and Lua's second try after it does not */
  MEMORY_ONCE, /* one fails, and Lua's second try, too */
  MEMORY_EVER /* that one and all that follow */
};

/* Hooks all three allocators in. False: libcurl refused. */
bool memory_install(void);

/* Request number `at` (the first is 1) of these owners will fail. */
void memory_plan(int owners, enum memory_failure failure, long at);
/* Ends the plan; whether a request failed. */
bool memory_relent(void);
/* How many requests the plan, or the one that ended, has counted. */
long memory_requests(void);

/* Blocks that these owners hold. */
long memory_live(int owners);
/* Blocks that libcurl has given back a second time since the last plan. */
long memory_returned_twice(void);

/* lua_Alloc */
void *memory_for_lua(void *context, void *block, size_t size, size_t wanted);

/* From now on no block of the core is released or used again. */
void memory_keep_core(void);
/* How often the bytes occur in blocks of the core, in those that it still
** holds and in those that it has given back. */
struct memory_hits {
  long live;
  long released;
};
struct memory_hits memory_find(const char *bytes, size_t size);
/* How many blocks and bytes that is. */
void memory_kept(long *blocks, size_t *bytes);

#endif
