/* What nginx does not tell Lua: that a request has ended, whatever waited in
** it. Its coroutines are dropped then without a word.
**
** nginx calls back whoever asked it to, by a function that modules have used
** since 0.5; nothing else of it is touched. Where it is not found, or the
** interpreter does not know the request, guards do not begin. */
#include <string.h>

#include "../core/relay.h"
#include "../core/system.h"
#include "binding.h"

static const char GUARD[] = "apivideo.guard";

struct guard;

/* In the request's memory, for as long as the request lives. */
struct link {
  struct guard *guard; /* NULL: nobody waits for its end */
};

struct guard {
  struct link *link; /* NULL: none, or its request has ended */
  bool gone;
};

/* ngx_http_cleanup_t */
struct cleanup {
  void (*handler)(void *data);
  void *data;
  struct cleanup *next;
};

static unsigned departures; /* how many guarded requests have ended */

static struct {
  bool known;
  struct cleanup *(*add_cleanup)(void *request, size_t size);
  void *(*request_of)(lua_State *L);
} host;

/* C has no cast for it, POSIX has the same bits. */
static void find(void *function, const char *name) {
  void *address = apv_system_exported(name);
  memcpy(function, &address, sizeof address);
}

static bool know_host(void) {
  if (!host.known) {
    find(&host.add_cleanup, "ngx_http_cleanup_add");
    find(&host.request_of, "lua_getexdata");
    host.known = true;
  }
  return host.add_cleanup != NULL && host.request_of != NULL;
}

static void request_ended(void *link_pointer) {
  struct link *link = link_pointer;
  struct guard *guard = link->guard;
  if (guard == NULL) return;
  guard->link = NULL;
  guard->gone = true;
  departures++;
  apv_relay_tell_all();
}

static void finish(struct guard *guard) {
  if (guard->link != NULL) guard->link->guard = NULL;
  guard->link = NULL;
}

/* core.guard() → a guard, which has not begun */
int apvl_new_guard(lua_State *L) {
  struct guard *guard = lua_newuserdata(L, sizeof *guard);
  *guard = (struct guard){NULL, false};
  luaL_setmetatable(L, GUARD);
  return 1;
}

/* core.departures() → how many requests have ended so far while somebody
** waited in them */
int apvl_departures(lua_State *L) {
  lua_pushnumber(L, departures);
  return 1;
}

/* guard:begin() → whether it sees the end of the caller's request, which is
** one of nginx's http. Until it finishes, all relays tell of that end. */
static int guard_begin(lua_State *L) {
  struct guard *guard = luaL_checkudata(L, 1, GUARD);
  void *request = know_host() ? host.request_of(L) : NULL;
  struct cleanup *cleanup =
    request ? host.add_cleanup(request, sizeof(struct link)) : NULL;
  finish(guard);
  guard->gone = false;
  if (cleanup != NULL) {
    cleanup->handler = request_ended;
    guard->link = cleanup->data;
    guard->link->guard = guard;
  }
  lua_pushboolean(L, cleanup != NULL);
  return 1;
}

/* guard:gone() → whether the request has ended */
static int guard_gone(lua_State *L) {
  const struct guard *guard = luaL_checkudata(L, 1, GUARD);
  lua_pushboolean(L, guard->gone);
  return 1;
}

/* guard:finish(), and __gc: the end of the request is nobody's concern. */
static int guard_finish(lua_State *L) {
  finish(luaL_checkudata(L, 1, GUARD));
  return 0;
}

static const luaL_Reg methods[] = {
  {"begin", guard_begin},
  {"gone", guard_gone},
  {"finish", guard_finish},
  {NULL, NULL},
};

void apvl_open_guard(lua_State *L) {
  luaL_newmetatable(L, GUARD);
  lua_pushcfunction(L, guard_finish);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "apivideo.guard");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
