/* A timer as a Lua value: it is waited for like a call. */
#include <string.h>

#include "binding.h"

static const char TIMER[] = "apivideo.timer";
static const char NAME[] = "pause"; /* as client:start() knows it */

/* All zero until the core gave the timer. */
struct timer_box {
  apv_timer *timer;
};

bool apvl_names_timer(lua_State *L, int index) {
  return lua_type(L, index) == LUA_TSTRING &&
         strcmp(lua_tostring(L, index), NAME) == 0;
}

apv_timer *apvl_test_timer(lua_State *L, int index) {
  struct timer_box *box = apvl_test_object(L, index, TIMER);
  if (box == NULL) return NULL;
  if (box->timer == NULL) luaL_error(L, "the call was collected");
  return box->timer;
}

static apv_timer *check_timer(lua_State *L) {
  const struct timer_box *box = luaL_checkudata(L, 1, TIMER);
  if (box->timer == NULL) luaL_error(L, "the call was collected");
  return box->timer;
}

int apvl_start_timer(lua_State *L, apv_client *client, int options) {
  struct apvl_place place = {NAME, 2};
  double seconds = apvl_read_timeout(L, options, place, -1);
  struct timer_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_setmetatable(L, TIMER);
  enum apv_status status = apv_timer_start(client, seconds, &box->timer);
  if (status != APV_OK) apvl_raise_status(L, NAME, status);
  return 1;
}

/* timer:done() → boolean */
static int timer_done(lua_State *L) {
  lua_pushboolean(L, apv_timer_done(check_timer(L)));
  return 1;
}

/* timer:number() → which one of its client's calls and timers it is */
static int timer_number(lua_State *L) {
  lua_pushnumber(L, (lua_Number)apv_timer_number(check_timer(L)));
  return 1;
}

/* timer:cancel(): it ends, unless it has ended. */
static int timer_cancel(lua_State *L) {
  struct timer_box *box = luaL_checkudata(L, 1, TIMER);
  if (box->timer != NULL) apv_timer_stop(box->timer);
  return 0;
}

/* timer:result(): raises an error object, of the kind "timeout" when its time
** has passed, or else "cancelled". */
int apvl_timer_result(lua_State *L) {
  const apv_timer *timer = check_timer(L);
  if (!apv_timer_done(timer)) {
    return luaL_error(L, "the call is still in flight: step its client first");
  }
  bool fired = apv_timer_fired(timer);
  return apvl_raise_status(L, NAME, fired ? APV_TIMEOUT : APV_CANCELLED);
}

static int timer_tostring(lua_State *L) {
  bool done = apv_timer_done(check_timer(L));
  lua_pushstring(L, done ? "apivideo.timer: done" : "apivideo.timer: running");
  return 1;
}

static int timer_gc(lua_State *L) {
  struct timer_box *box = luaL_checkudata(L, 1, TIMER);
  apv_timer *timer = box->timer;
  box->timer = NULL;
  apv_timer_free(timer);
  return 0;
}

static const luaL_Reg methods[] = {
  {"done", timer_done},
  {"cancel", timer_cancel},
  {"result", apvl_timer_result},
  {"number", timer_number},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__gc", timer_gc},
  {"__tostring", timer_tostring},
  {NULL, NULL},
};

void apvl_open_timer(lua_State *L) {
  luaL_newmetatable(L, TIMER);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushstring(L, TIMER);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
