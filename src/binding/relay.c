/* A relay as a Lua value, see ../core/relay.h. */
#include "../core/relay.h"
#include "binding.h"

static const char RELAY[] = "apivideo.relay";

/* NULL until there is one, and once it was closed. */
struct relay_box {
  struct apv_relay *relay;
};

/* core.relay() → relay, the path to connect to; nil and why when there is none
** to be had */
int apvl_new_relay(lua_State *L) {
  struct relay_box *box = lua_newuserdata(L, sizeof *box);
  box->relay = NULL;
  luaL_setmetatable(L, RELAY);
  enum apv_status status = apv_relay_new(&box->relay);
  if (status != APV_OK) {
    lua_pushnil(L);
    lua_pushstring(
      L, status == APV_UNSUPPORTED ? "there is no folder for its socket"
                                   : "there is no descriptor for it"
    );
    return 2;
  }
  lua_pushstring(L, apv_relay_path(box->relay));
  return 2;
}

static struct apv_relay *check_relay(lua_State *L) {
  const struct relay_box *box = luaL_checkudata(L, 1, RELAY);
  if (box->relay == NULL) luaL_error(L, "the relay was closed");
  return box->relay;
}

/* relay:begin() → whether it works from now on; somebody has connected */
static int relay_begin(lua_State *L) {
  lua_pushboolean(L, apv_relay_begin(check_relay(L)));
  return 1;
}

/* relay:works() → whether whoever connected still is */
static int relay_works(lua_State *L) {
  lua_pushboolean(L, apv_relay_works(check_relay(L)));
  return 1;
}

/* relay:watch(fd) → boolean: a byte comes when it is readable, once */
static int relay_watch(lua_State *L) {
  struct apv_relay *relay = check_relay(L);
  lua_pushboolean(L, apv_relay_watch(relay, (int)luaL_checkinteger(L, 2)));
  return 1;
}

/* relay:leave(fd): it is not watched any longer */
static int relay_leave(lua_State *L) {
  struct apv_relay *relay = check_relay(L);
  apv_relay_leave(relay, (int)luaL_checkinteger(L, 2));
  return 0;
}

/* relay:remind(seconds): a byte comes then, and not when it was to before */
static int relay_remind(lua_State *L) {
  struct apv_relay *relay = check_relay(L);
  apv_relay_remind(relay, apvl_check_seconds(L, 2));
  return 0;
}

/* relay:tell(): a byte comes now */
static int relay_tell(lua_State *L) {
  apv_relay_tell(check_relay(L));
  return 0;
}

/* relay:close(), and __gc */
static int relay_close(lua_State *L) {
  struct relay_box *box = luaL_checkudata(L, 1, RELAY);
  struct apv_relay *relay = box->relay;
  box->relay = NULL;
  apv_relay_free(relay);
  return 0;
}

static const luaL_Reg methods[] = {
  {"begin", relay_begin},   {"works", relay_works},
  {"watch", relay_watch},   {"leave", relay_leave},
  {"remind", relay_remind}, {"tell", relay_tell},
  {"close", relay_close},   {NULL, NULL},
};

void apvl_open_relay(lua_State *L) {
  luaL_newmetatable(L, RELAY);
  lua_pushcfunction(L, relay_close);
  lua_setfield(L, -2, "__gc");
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "apivideo.relay");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
