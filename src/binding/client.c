/* The client as a Lua value: options in, operations out. */
#include <string.h>

#include "binding.h"

static const char CLIENT[] = "apivideo.client";

/* All zero until apv_client_new() gave the client. */
struct client_box {
  apv_client *client;
};

apv_client *apvl_check_client(lua_State *L) {
  struct client_box *box = luaL_checkudata(L, 1, CLIENT);
  if (box->client == NULL) luaL_error(L, "the client was collected");
  return box->client;
}

/* core.new(options) → client */
int apvl_new_client(lua_State *L) {
  struct apv_settings settings;
  lua_settop(L, 1);
  struct client_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_setmetatable(L, CLIENT);
  apvl_read_settings(L, 1, &settings);
  enum apv_status status = apv_client_new(&settings, &box->client);
  if (status != APV_OK) return luaL_error(L, "%s", apv_status_text(status));
  lua_settop(L, 2);
  return 1;
}

/* A function of Lua's that does nothing; a hook may run when it is called. */
static int nothing(lua_State *L) {
  (void)L;
  return 0;
}

/* [-0, +0], or [-0, +1]: false, and the error of a hook. */
static bool let_hooks_run(lua_State *L) {
  if (lua_gethook(L) == NULL) return true;
  lua_pushcfunction(L, nothing);
  return lua_pcall(L, 0, 0, 0) == 0;
}

/* --- operations ----------------------------------------------------------- */

/* Starts the operation and steps until it is done. Steps are short, since a
** hook of Lua's, which an interrupt may have set, runs between them only; its
** error ends the call, and is raised. */
static int run(lua_State *L, enum apv_operation operation) {
  static const double SLICE = 1; /* seconds */
  apv_client *client = apvl_check_client(L);
  apv_call *call = apvl_start(L, client, operation, 2);
  int index = lua_gettop(L);
  while (!apv_call_done(call)) {
    apv_client_step(client, SLICE);
    if (let_hooks_run(L)) continue;
    apv_call_cancel(call);
    return lua_error(L);
  }
  return apvl_result(L, index);
}

/* client:create_token(payload, options) → token, response */
static int client_create_token(lua_State *L) {
  return run(L, APV_CREATE_TOKEN);
}

/* client:get_token(token, options) → token, response */
static int client_get_token(lua_State *L) {
  return run(L, APV_GET_TOKEN);
}

/* client:delete_token(token, options) → true, response */
static int client_delete_token(lua_State *L) {
  return run(L, APV_DELETE_TOKEN);
}

/* client:list(query, options) → page, response */
static int client_list(lua_State *L) {
  return run(L, APV_LIST);
}

/* client:start(operation, …) → call; client:start("pause", nil, options) →
** timer */
static int client_start(lua_State *L) {
  apv_client *client = apvl_check_client(L);
  if (apvl_names_timer(L, 2)) return apvl_start_timer(L, client, 4);
  apvl_start(L, client, apvl_check_operation(L, 2), 3);
  return 1;
}

/* client:check(method, operation, …): raises what start() would in the name of
** `method`, and sends nothing. */
static int client_check(lua_State *L) {
  struct apv_request request;
  apv_client *client = apvl_check_client(L);
  const char *method = luaL_checkstring(L, 2);
  enum apv_operation operation = apvl_check_operation(L, 3);
  apvl_read_request(L, method, operation, 4, &request);
  if (apv_client_closed(client)) apvl_raise_status(L, method, APV_CLOSED);
  return 0;
}

/* client:step(seconds) → calls in flight; 0 or nil never waits. */
static int client_step(lua_State *L) {
  apv_client *client = apvl_check_client(L);
  lua_pushinteger(L, apv_client_step(client, apvl_check_seconds(L, 2)));
  return 1;
}

/* client:wait(call, seconds) → whether the call, or timer, is done; unless it
** is at once, a step comes before. */
static int client_wait(lua_State *L) {
  apv_client *client = apvl_check_client(L);
  double seconds = apvl_check_seconds(L, 3);
  bool done = apvl_is_done(L, 2);
  if (!done) apv_client_step(client, seconds);
  lua_pushboolean(L, done || apvl_is_done(L, 2));
  return 1;
}

/* client:in_flight() → calls in flight */
static int client_in_flight(lua_State *L) {
  lua_pushinteger(L, apv_client_in_flight(apvl_check_client(L)));
  return 1;
}

/* client:ended() → number of the next call, or timer, that ended, or nil */
static int client_ended(lua_State *L) {
  apv_client *client = apvl_check_client(L);
  const apv_call *call = apv_client_next_ended(client);
  const apv_timer *timer = call ? NULL : apv_client_next_fired(client);
  if (call != NULL) {
    lua_pushnumber(L, (lua_Number)apv_call_number(call));
  } else if (timer != NULL) {
    lua_pushnumber(L, (lua_Number)apv_timer_number(timer));
  } else {
    lua_pushnil(L);
  }
  return 1;
}

/* client:fd() → a descriptor that is readable when step has something to do,
** or nil */
static int client_fd(lua_State *L) {
  int fd;
  switch (apv_client_fd(apvl_check_client(L), &fd)) {
    case APV_OK: lua_pushinteger(L, fd); return 1;
    case APV_CONNECTION:
    case APV_NO_MEMORY:
      return luaL_error(
        L, "no more descriptors: the process has its most open"
      );
    default: lua_pushnil(L); return 1;
  }
}

/* client:follow(): a step follows each start from now on, so that the
** descriptor does not tell of one */
static int client_follow(lua_State *L) {
  apv_client_follow(apvl_check_client(L));
  return 0;
}

/* client:timeout() → seconds until step is due, nil: nothing is in flight */
static int client_timeout(lua_State *L) {
  double seconds = apv_client_timeout(apvl_check_client(L));
  if (seconds < 0) {
    lua_pushnil(L);
  } else {
    lua_pushnumber(L, seconds);
  }
  return 1;
}

/* --- the rest ------------------------------------------------------------- */

/* client:set_access_token(text): Bearer instead of Basic from now on. */
static int client_set_access_token(lua_State *L) {
  apv_client *client = apvl_check_client(L);
  size_t size;
  const char *token = luaL_checklstring(L, 2, &size);
  luaL_argcheck(
    L, apv_text_is_valid(token, size), 2,
    "an access token must be UTF-8 without control characters"
  );
  enum apv_status status = apv_client_set_access_token(client, token);
  if (status != APV_OK) return luaL_error(L, "%s", apv_status_text(status));
  return 0;
}

/* client:redact(text) → the same on one line, secrets masked, at most 1 KB */
static int client_redact(lua_State *L) {
  char shown[1024];
  struct apv_slice text;
  apv_client *client = apvl_check_client(L);
  text.data = luaL_checklstring(L, 2, &text.size);
  apv_client_redact(client, text, shown, sizeof shown);
  lua_pushstring(L, shown);
  return 1;
}

/* client:close(), __gc and __close */
static int client_close(lua_State *L) {
  struct client_box *box = luaL_checkudata(L, 1, CLIENT);
  if (box->client != NULL) apv_client_close(box->client);
  return 0;
}

static int client_gc(lua_State *L) {
  struct client_box *box = luaL_checkudata(L, 1, CLIENT);
  apv_client *client = box->client;
  box->client = NULL;
  apv_client_free(client);
  return 0;
}

static int client_tostring(lua_State *L) {
  bool closed = apv_client_closed(apvl_check_client(L));
  lua_pushstring(
    L, closed ? "apivideo.core.client: closed" : "apivideo.core.client"
  );
  return 1;
}

static const luaL_Reg methods[] = {
  {"create_token", client_create_token},
  {"get_token", client_get_token},
  {"delete_token", client_delete_token},
  {"list", client_list},
  {"start", client_start},
  {"check", client_check},
  {"step", client_step},
  {"wait", client_wait},
  {"in_flight", client_in_flight},
  {"ended", client_ended},
  {"fd", client_fd},
  {"follow", client_follow},
  {"timeout", client_timeout},
  {"redact", client_redact},
  {"account", apvl_client_account},
  {"known", apvl_client_known},
  {"learn", apvl_client_learn},
  {"grant", apvl_client_grant},
  {"set_access_token", client_set_access_token},
  {"close", client_close},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__gc", client_gc},
  {"__close", client_close},
  {"__tostring", client_tostring},
  {NULL, NULL},
};

void apvl_open_client(lua_State *L) {
  luaL_newmetatable(L, CLIENT);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "apivideo.client");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
