/* Takes memory away from a program that embeds Lua: request number 1, 2, 3, …
** of each scenario in script.lua fails, once and from then on, until the
** scenario ends before it. */
#define _POSIX_C_SOURCE 200809L
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "canaries.h"
#include "memory.h"
#include "state.h"

static const char SCRIPT[] = "spec/oom/script.lua";

static struct {
  const char *scenario; /* the only one, or NULL: all */
  long stride; /* 1: every request */
  int owners;
} options = {NULL, 1, MEMORY_LUA | MEMORY_CORE};

/* What is being done. */
static struct {
  const char *scenario;
  enum memory_failure failure;
  long at;
} point;

static long points[MEMORY_EVER + 1];
static long problems;

/* --- what went wrong ------------------------------------------------------ */

/* lua-cjson 2.1.0 decodes into a buffer of malloc(), which it loses when Lua's
** out-of-memory error jumps over it. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
  return "leak:cjson.so\n";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void) {
  return "print_suppressions=0";
}

static void name_point(void) {
  static const char *const words[] = {
    "nothing fails",
    "request %ld fails, Lua's second try does not",
    "request %ld fails",
    "request %ld and all that follow fail",
  };
  fprintf(stderr, "oom: %s: ", point.scenario ? point.scenario : "all in all");
  fprintf(stderr, words[point.failure], point.at);
  fputc('\n', stderr);
}

static void report(const char *problem) {
  enum { MOST = 200 };
  if (problem == NULL) return;
  name_point();
  fprintf(stderr, "  %s\n", problem);
  if (++problems >= MOST) exit(1);
}

/* --- one point ------------------------------------------------------------ */

static const char *tell(lua_State *L, const char *function) {
  state_push(L, function);
  lua_pushstring(L, point.scenario);
  return state_call(L, 1);
}

/* Runs the scenario as the point says and checks what came of it. Whether a
** request failed. */
static bool run(lua_State *L, lua_State *keeper) {
  state_push(L, "check");
  lua_pushstring(L, point.scenario);
  state_push(L, "run");
  lua_pushstring(L, point.scenario);
  memory_plan(options.owners, point.failure, point.at);
  bool ok = lua_pcall(L, 1, 0, 0) == 0;
  bool failed = memory_relent();
  report(tell(keeper, "calm"));
  if (ok) lua_pushnil(L);
  const char *owner = "nobody";
  if (failed) owner = options.owners == MEMORY_CURL ? "libcurl" : "program";
  lua_pushstring(L, owner);
  lua_insert(L, -2);
  report(state_call(L, 3));
  report(tell(keeper, "verify"));
  return failed;
}

struct blocks {
  long lua;
  long core;
  long curl;
};

static struct blocks count_blocks(void) {
  struct blocks blocks;
  blocks.lua = memory_live(MEMORY_LUA);
  blocks.core = memory_live(MEMORY_CORE);
  blocks.curl = memory_live(MEMORY_CURL);
  return blocks;
}

/* A thread of libcurl that looks up a name has blocks until it is done. */
static void wait_for_threads(long curl) {
  struct timespec pause = {0, 1000000};
  for (int i = 0; i < 5000 && memory_live(MEMORY_CURL) != curl; i++) {
    nanosleep(&pause, NULL);
  }
}

static void check_blocks(struct blocks before) {
  char problem[128];
  wait_for_threads(before.curl);
  struct blocks after = count_blocks();
  if (memcmp(&before, &after, sizeof after) == 0) return;
  snprintf(
    problem, sizeof problem,
    "blocks are left: %ld of Lua, %ld of the core, %ld of libcurl",
    after.lua - before.lua, after.core - before.core, after.curl - before.curl
  );
  report(problem);
}

static bool visit(lua_State *keeper) {
  struct blocks before = count_blocks();
  report(tell(keeper, "arrange"));
  lua_State *L = state_open(memory_for_lua, SCRIPT);
  report(tell(L, "prepare"));
  report(tell(keeper, "disturb"));
  bool failed = run(L, keeper);
  lua_close(L);
  check_blocks(before);
  if (memory_returned_twice() > 0) report("libcurl gave a block back twice");
  return failed;
}

/* The same in a process of its own. */
static bool visit_in_child(lua_State *keeper) {
  enum { FAILED = 1, WRONG = 2 };
  int status = 0;
  fflush(NULL);
  pid_t child = fork();
  if (child == 0) {
    long before = problems;
    bool failed = visit(keeper);
    _exit((failed ? FAILED : 0) | (problems > before ? WRONG : 0));
  }
  waitpid(child, &status, 0);
  int result = WIFEXITED(status) ? WEXITSTATUS(status) : WRONG;
  if (result & ~FAILED) report("so said its own process");
  return (result & FAILED) != 0;
}

/* --- all points ----------------------------------------------------------- */

static void visit_all(lua_State *keeper) {
  bool first = strcmp(point.scenario, "first client") == 0;
  for (int failure = MEMORY_SPARED; failure <= MEMORY_EVER; failure++) {
    point.failure = (enum memory_failure)failure;
    point.at = 1;
    while (first ? visit_in_child(keeper) : visit(keeper)) {
      points[failure]++;
      point.at += options.stride;
    }
  }
  if (__lsan_do_recoverable_leak_check() != 0) report("memory leaked");
}

static void visit_scenarios(lua_State *keeper) {
  lua_getfield(keeper, 1, "names");
  for (int i = 1;; i++) {
    lua_rawgeti(keeper, -1, i);
    const char *name = lua_tostring(keeper, -1);
    if (name == NULL) break;
    if (options.scenario == NULL || strcmp(options.scenario, name) == 0) {
      point.scenario = name;
      visit_all(keeper);
    }
    lua_pop(keeper, 1);
  }
  point.scenario = NULL; /* the keeper's */
  point.failure = MEMORY_GIVEN;
}

static void read_options(char *const words[]) {
  for (; *words != NULL; words++) {
    if (strcmp(*words, "--canaries") == 0) {
      exit(canaries_main());
    } else if (strncmp(*words, "--stride=", 9) == 0) {
      options.stride = strtol(*words + 9, NULL, 10);
    } else if (strcmp(*words, "--libcurl") == 0) {
      options.owners = MEMORY_CURL;
    } else {
      options.scenario = *words;
    }
  }
}

int main(int count, char *words[]) {
  (void)count;
  __sanitizer_set_death_callback(name_point);
  if (!memory_install()) return 1;
  read_options(words + 1);
  lua_State *keeper = state_open(NULL, SCRIPT);
  visit_scenarios(keeper);
  lua_close(keeper);
  if (points[MEMORY_EVER] == 0) report("no request failed");
  printf(
    "%ld points failed once, %ld from then on: ", points[MEMORY_ONCE],
    points[MEMORY_EVER]
  );
  if (problems > 0) {
    printf("%ld problems\n", problems);
    return 1;
  }
  puts("no crash, no leak, the client works");
  return 0;
}
