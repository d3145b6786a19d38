/* A game at 60 frames a second that has Lua and apivideo in it. Each frame
** moves the world and gives the script its turn, which never waits.
**
** usage: game LUA_FOLDER SCRIPT [SECONDS]
**
** LUA_FOLDER has the Lua files of apivideo; its C module is linked in. */
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "times.h"

#define FRAME (1.0 / 60)

int luaopen_apivideo_core(lua_State *L);

/* --- Lua ------------------------------------------------------------------ */

static void fail(const char *message) {
  fprintf(stderr, "game: %s\n", message);
  exit(1);
}

/* [-arguments - 1, +1] */
static void call(lua_State *L, int arguments) {
  if (lua_pcall(L, arguments, 1, 0) != 0) fail(lua_tostring(L, -1));
}

/* The C module comes from this program, the Lua files from a folder of our
** choice. Modules of others, lua-cjson for one, are found as ever. */
static void add_apivideo(lua_State *L, const char *folder) {
  lua_getglobal(L, "package");
  lua_getfield(L, -1, "preload");
  lua_pushcfunction(L, luaopen_apivideo_core);
  lua_setfield(L, -2, "apivideo.core");
  lua_pop(L, 1);
  lua_getfield(L, -1, "path");
  lua_pushfstring(
    L, "%s/?.lua;%s/?/init.lua;%s", folder, folder, lua_tostring(L, -1)
  );
  lua_setfield(L, -3, "path");
  lua_pop(L, 2);
}

/* Calls a function of the table that the script gave, at index 1; it gives a
** number. */
static int turn(lua_State *L, const char *name) {
  lua_getfield(L, 1, name);
  call(L, 0);
  int result = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return result;
}

static lua_State *open_script(const char *folder, const char *script) {
  lua_State *L = luaL_newstate();
  if (L == NULL) fail("not enough memory");
  luaL_openlibs(L);
  add_apivideo(L, folder);
  if (luaL_loadfile(L, script) != 0) fail(lua_tostring(L, -1));
  call(L, 0);
  return L;
}

/* --- the world ------------------------------------------------------------ */

enum { BALLS = 1000 };

struct ball {
  double height;
  double speed;
};

static void place_balls(struct ball *balls) {
  for (int i = 0; i < BALLS; i++) {
    balls[i].height = 1 + i;
    balls[i].speed = 0;
  }
}

static void move_balls(struct ball *balls) {
  for (struct ball *ball = balls; ball < balls + BALLS; ball++) {
    ball->speed -= 9.81 * FRAME;
    ball->height += ball->speed * FRAME;
    if (ball->height >= 0) continue;
    ball->height = -ball->height;
    ball->speed = -ball->speed;
  }
}

/* --- frames --------------------------------------------------------------- */

struct frames {
  struct times steps; /* the script's turn */
  struct times work; /* all of a frame */
  int missed; /* took longer than there is */
  int missed_by_step; /* would not have without the script's turn */
  int least_in_flight; /* calls, between two frames */
};

static void sleep_until(double moment) {
  struct timespec until;
  until.tv_sec = (time_t)moment;
  until.tv_nsec = (long)((moment - (double)until.tv_sec) * 1e9);
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

static void measure(struct frames *frames, double step, double work) {
  times_add(&frames->steps, step);
  times_add(&frames->work, work);
  if (work <= FRAME) return;
  frames->missed++;
  if (work - step <= FRAME) frames->missed_by_step++;
}

/* Returns how many calls are in flight. */
static int frame(lua_State *L, struct ball *balls, struct frames *frames) {
  double start = times_now();
  move_balls(balls);
  double before = times_now();
  int in_flight = turn(L, "step");
  double end = times_now();
  measure(frames, end - before, end - start);
  return in_flight;
}

static void run(lua_State *L, double seconds, struct frames *frames) {
  static struct ball balls[BALLS];
  place_balls(balls);
  double start = times_now();
  double next = start;
  turn(L, "start");
  int in_flight;
  do {
    in_flight = frame(L, balls, frames);
    if (in_flight < frames->least_in_flight) {
      frames->least_in_flight = in_flight;
    }
    next += FRAME;
    sleep_until(next);
  } while (next - start < seconds);
  turn(L, "stop");
  while (in_flight > 0) {
    in_flight = frame(L, balls, frames);
    next += FRAME;
    sleep_until(next);
  }
}

static void report(struct frames *frames, int calls) {
  printf(
    "calls    %d, %d in flight at least\n", calls, frames->least_in_flight
  );
  printf(
    "frames   %zu, %d missed, %d because of apivideo\n", frames->work.count,
    frames->missed, frames->missed_by_step
  );
  times_print(&frames->steps, "step(0)");
  times_print(&frames->work, "frame");
}

int main(int count, char **arguments) {
  if (count < 3 || count > 4) {
    fail("usage: game LUA_FOLDER SCRIPT [SECONDS]");
  }
  double seconds = count > 3 ? strtod(arguments[3], NULL) : 5;
  struct frames frames = {.least_in_flight = 1000};
  lua_State *L = open_script(arguments[1], arguments[2]);
  run(L, seconds, &frames);
  report(&frames, turn(L, "calls"));
  lua_close(L);
  times_free(&frames.steps);
  times_free(&frames.work);
  return 0;
}
