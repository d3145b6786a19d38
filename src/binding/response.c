/* What the answer of a done call said besides its value. Headers and rate
** limits are built when somebody asks for them, and then kept. */
#include <string.h>

#include "../core/text.h"
#include "binding.h"

/* --- the service's limits ------------------------------------------------- */

void apvl_push_count(lua_State *L, long long number) {
  if ((long long)(lua_Integer)number == number) {
    lua_pushinteger(L, (lua_Integer)number);
  } else {
    lua_pushnumber(L, (lua_Number)number);
  }
}

static void set_number(lua_State *L, const char *name, long long number) {
  if (number < 0) return;
  apvl_push_count(L, number);
  lua_setfield(L, -2, name);
}

static void push_rate_limit(lua_State *L, const apv_call *call) {
  struct apv_limits limits = apv_call_limits(call);
  lua_createtable(L, 0, 3);
  set_number(L, "limit", limits.limit);
  set_number(L, "remaining", limits.remaining);
  set_number(L, "retry_after", limits.window);
}

/* --- headers -------------------------------------------------------------- */

/* [-0, +1] */
static void push_lower(lua_State *L, struct apv_slice name) {
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  for (size_t i = 0; i < name.size; i++) {
    luaL_addchar(&buffer, apv_lower(name.data[i]));
  }
  luaL_pushresult(&buffer);
}

/* A header that comes several times becomes one, as HTTP has it. */
static void push_headers(lua_State *L, const apv_call *call) {
  size_t position = 0;
  struct apv_slice name, value;
  lua_newtable(L);
  while (apv_call_next_header(call, &position, &name, &value)) {
    push_lower(L, name);
    lua_pushvalue(L, -1);
    lua_rawget(L, -3);
    if (lua_isnil(L, -1)) {
      lua_pop(L, 1);
      lua_pushlstring(L, value.data, value.size);
    } else {
      lua_pushliteral(L, ", ");
      lua_pushlstring(L, value.data, value.size);
      lua_concat(L, 3);
    }
    lua_rawset(L, -3);
  }
}

/* --- fields --------------------------------------------------------------- */

/* [-0, +1] The table built by `push`, the same one every time: it is kept in
** the user value of the call at `index`, which is made for the first. */
static void push_kept(
  lua_State *L, int index, struct apvl_call *box, const char *name,
  void (*push)(lua_State *, const apv_call *)
) {
  if (!box->keeps) {
    lua_newtable(L);
    lua_setuservalue(L, index);
    box->keeps = true;
  }
  lua_getuservalue(L, index);
  lua_getfield(L, -1, name);
  if (lua_isnil(L, -1)) {
    lua_pop(L, 1);
    push(L, box->call);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, name);
  }
  lua_remove(L, -2);
}

void apvl_push_field(lua_State *L, int index, const char *name) {
  struct apvl_call *box = lua_touserdata(L, index);
  const apv_call *call = box->call;
  if (strcmp(name, "status") == 0) {
    lua_pushinteger(L, (lua_Integer)apv_call_http_status(call));
  } else if (strcmp(name, "headers") == 0) {
    push_kept(L, index, box, name, push_headers);
  } else if (strcmp(name, "rate_limit") == 0) {
    push_kept(L, index, box, name, push_rate_limit);
  } else if (strcmp(name, "attempts") == 0) {
    lua_pushinteger(L, apv_call_attempts(call));
  } else if (strcmp(name, "elapsed") == 0) {
    lua_pushnumber(L, apv_call_elapsed(call));
  } else if (strcmp(name, "reused") == 0) {
    lua_pushboolean(L, apv_call_reused(call));
  } else if (strcmp(name, "already_gone") == 0 && apv_call_already_gone(call)) {
    lua_pushboolean(L, 1);
  } else if (strcmp(name, "already_sent") == 0 && box->already_sent) {
    lua_pushboolean(L, 1);
  } else {
    lua_pushnil(L);
  }
}
