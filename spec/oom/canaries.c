#include "canaries.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "state.h"

static const char SCRIPT[] = "spec/oom/canaries.lua";

enum { MOST = 32, LONGEST = 256 };

static struct canary {
  char text[LONGEST];
  bool seldom;
  bool seen; /* in a block that the core held */
} canaries[MOST];

static int count;

/* watch(text, seldom): looks for it from now on. */
static int watch(lua_State *L) {
  const char *text = luaL_checkstring(L, 1);
  if (count == MOST || strlen(text) >= LONGEST) {
    return luaL_error(L, "too many secrets, or one too long");
  }
  canaries[count].seldom = lua_toboolean(L, 2);
  strcpy(canaries[count++].text, text);
  return 0;
}

static struct memory_hits find(const struct canary *canary) {
  return memory_find(canary->text, strlen(canary->text));
}

/* look(): notes which of them the core holds. */
static int look(lua_State *L) {
  (void)L;
  for (int i = 0; i < count; i++) {
    if (find(&canaries[i]).live > 0) canaries[i].seen = true;
  }
  return 0;
}

static bool all_were_seen(void) {
  bool all = true;
  for (int i = 0; i < count; i++) {
    if (canaries[i].seen || canaries[i].seldom) continue;
    fprintf(stderr, "canaries: %s was never seen\n", canaries[i].text);
    all = false;
  }
  return all;
}

/* What is found at the end, by name. */
static long left_over(void) {
  long hits = 0;
  for (int i = 0; i < count; i++) {
    struct memory_hits its = find(&canaries[i]);
    if (its.live + its.released == 0) continue;
    fprintf(
      stderr, "canaries: %s is in %ld blocks held, %ld given back\n",
      canaries[i].text, its.live, its.released
    );
    hits += its.live + its.released;
  }
  return hits;
}

int canaries_main(void) {
  long blocks;
  size_t bytes;
  memory_keep_core();
  lua_State *L = state_open(memory_for_lua, SCRIPT);
  state_push(L, "run");
  lua_pushcfunction(L, watch);
  lua_pushcfunction(L, look);
  const char *problem = state_call(L, 2);
  if (problem != NULL) fprintf(stderr, "canaries: %s\n", problem);
  bool seen = all_were_seen();
  long hits = left_over(); /* the clients were closed and collected */
  lua_close(L);
  memory_kept(&blocks, &bytes);
  printf(
    "%d secrets, plain and in base64, in %ld blocks, %zu bytes, of the core: "
    "%ld hits\n",
    count / 2, blocks, bytes, hits
  );
  return problem == NULL && seen && hits == 0 ? 0 : 1;
}
