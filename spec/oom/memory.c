#include "memory.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/core/apv.h"

/* --- the plan ------------------------------------------------------------- */

static struct {
  int owners; /* 0: there is no plan */
  enum memory_failure failure;
  long at;
  long requests;
  bool failed;
  /* What Lua asked for when that failed: it collects and asks again. */
  const void *refused;
  size_t refused_size;
  bool repeats;
} plan;

static long live[MEMORY_CURL + 1];

static bool refuses(enum memory_owner owner) {
  if (!(plan.owners & (int)owner)) return false;
  plan.requests++;
  if (plan.failure == MEMORY_GIVEN || plan.requests < plan.at) return false;
  if (plan.requests > plan.at && plan.failure != MEMORY_EVER) return false;
  plan.failed = true;
  return true;
}

bool memory_relent(void) {
  plan.owners = 0;
  return plan.failed;
}

long memory_requests(void) {
  return plan.requests;
}

/* --- Lua ------------------------------------------------------------------ */

static bool refuses_lua(const void *block, size_t wanted) {
  bool again = plan.repeats && plan.owners != 0 && plan.refused == block &&
               plan.refused_size == wanted;
  plan.repeats = false;
  if (again) return true;
  if (!refuses(MEMORY_LUA)) return false;
  plan.repeats = plan.failure == MEMORY_ONCE;
  plan.refused = block;
  plan.refused_size = wanted;
  return true;
}

void *memory_for_lua(void *context, void *block, size_t size, size_t wanted) {
  (void)context;
  if (wanted == 0) {
    if (block != NULL) live[MEMORY_LUA]--;
    free(block);
    return NULL;
  }
  /* Lua relies on blocks that can always shrink. */
  bool grows = block == NULL || wanted > size;
  if (grows && refuses_lua(block, wanted)) return NULL;
  if (block == NULL) live[MEMORY_LUA]++;
  return realloc(block, wanted);
}

/* --- blocks of the core and of libcurl ------------------------------------ */

union header {
  struct {
    union header *next; /* in one of the lists below */
    size_t size;
    bool released;
  } it;
  long double alignment;
};

static void *new_block(enum memory_owner owner, size_t size) {
  if (refuses(owner)) return NULL;
  union header *header = malloc(sizeof *header + size);
  if (header == NULL) return NULL;
  header->it.next = NULL;
  header->it.size = size;
  header->it.released = false;
  live[owner]++;
  return header + 1;
}

static void remember(union header **list, union header *header) {
  header->it.next = *list;
  *list = header;
}

/* --- the core ------------------------------------------------------------- */

static union header *kept;
static bool keeps;

static void *core_allocate(size_t size) {
  void *block = new_block(MEMORY_CORE, size);
  if (keeps && block != NULL) remember(&kept, (union header *)block - 1);
  return block;
}

static void core_release(void *block) {
  union header *header = (union header *)block - 1;
  if (header->it.released) abort();
  header->it.released = true;
  live[MEMORY_CORE]--;
  if (!keeps) free(header);
}

void memory_keep_core(void) {
  keeps = true;
}

static long occurrences(
  const union header *block, const char *bytes, size_t size
) {
  const char *data = (const char *)(block + 1);
  long count = 0;
  for (size_t i = 0; i + size <= block->it.size; i++) {
    if (memcmp(data + i, bytes, size) == 0) count++;
  }
  return count;
}

struct memory_hits memory_find(const char *bytes, size_t size) {
  struct memory_hits hits = {0, 0};
  for (const union header *block = kept; block; block = block->it.next) {
    long count = occurrences(block, bytes, size);
    *(block->it.released ? &hits.released : &hits.live) += count;
  }
  return hits;
}

void memory_kept(long *blocks, size_t *bytes) {
  *blocks = 0;
  *bytes = 0;
  for (const union header *block = kept; block; block = block->it.next) {
    ++*blocks;
    *bytes += block->it.size;
  }
}

/* --- libcurl -------------------------------------------------------------- */

/* What it gave back, until the next plan: a second time is noticed. */
static union header *returned;
static long returned_twice;

/* A thread that resolves a name may outlive its client. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void *curl_malloc(size_t size) {
  pthread_mutex_lock(&lock);
  void *block = new_block(MEMORY_CURL, size);
  pthread_mutex_unlock(&lock);
  return block;
}

static void *curl_calloc(size_t count, size_t size) {
  void *block = curl_malloc(count * size);
  if (block != NULL) memset(block, 0, count * size);
  return block;
}

static void curl_release(void *block) {
  if (block == NULL) return;
  union header *header = (union header *)block - 1;
  pthread_mutex_lock(&lock);
  if (header->it.released) {
    returned_twice++;
  } else {
    header->it.released = true;
    live[MEMORY_CURL]--;
    remember(&returned, header);
  }
  pthread_mutex_unlock(&lock);
}

static void *curl_reallocate(void *block, size_t size) {
  void *moved = curl_malloc(size);
  if (moved == NULL || block == NULL) return moved;
  size_t before = ((union header *)block - 1)->it.size;
  memcpy(moved, block, before < size ? before : size);
  curl_release(block);
  return moved;
}

static char *curl_copy(const char *text) {
  size_t size = strlen(text) + 1;
  char *copy = curl_malloc(size);
  if (copy != NULL) memcpy(copy, text, size);
  return copy;
}

long memory_returned_twice(void) {
  return returned_twice;
}

static void forget_returned(void) {
  pthread_mutex_lock(&lock);
  returned_twice = 0;
  while (returned != NULL) {
    union header *next = returned->it.next;
    free(returned);
    returned = next;
  }
  pthread_mutex_unlock(&lock);
}

/* --- all of them ---------------------------------------------------------- */

long memory_live(int owners) {
  long count = 0;
  pthread_mutex_lock(&lock);
  for (int owner = MEMORY_LUA; owner <= MEMORY_CURL; owner *= 2) {
    if (owners & owner) count += live[owner];
  }
  pthread_mutex_unlock(&lock);
  return count;
}

void memory_plan(int owners, enum memory_failure failure, long at) {
  forget_returned();
  memset(&plan, 0, sizeof plan);
  plan.owners = owners;
  plan.failure = failure;
  plan.at = at;
}

bool memory_install(void) {
  struct apv_allocator core = {core_allocate, core_release};
  apv_set_allocator(&core);
  return curl_global_init_mem(
           CURL_GLOBAL_DEFAULT, curl_malloc, curl_release, curl_reallocate,
           curl_copy, curl_calloc
         ) == CURLE_OK;
}

/* Found before libcurl's own, which has run already: to set it up takes
** memory, too, and may fail. */
CURLcode curl_global_init(long flags) {
  (void)flags;
  return refuses(MEMORY_CORE) ? CURLE_OUT_OF_MEMORY : CURLE_OK;
}
