/* A call as a Lua value: it runs, gives its result once, and is from then on
** the response of that result. */
#include <string.h>

#include "../core/slice.h"
#include "binding.h"

static struct apvl_call *check_box_at(lua_State *L, int index) {
  struct apvl_call *box = luaL_checkudata(L, index, APVL_CALL);
  if (box->call == NULL) luaL_error(L, "the call was collected");
  return box;
}

static struct apvl_call *check_box(lua_State *L) {
  return check_box_at(L, 1);
}

/* A call, or NULL: it is a timer, which is then `*timer`. */
static struct apvl_call *check_either(
  lua_State *L, int index, const apv_timer **timer
) {
  struct apvl_call *box = apvl_test_object(L, index, APVL_CALL);
  *timer = box ? NULL : apvl_test_timer(L, index);
  if (*timer != NULL) return NULL;
  return box != NULL && box->call != NULL ? box : check_box_at(L, index);
}

bool apvl_is_done(lua_State *L, int index) {
  const apv_timer *timer;
  const struct apvl_call *box = check_either(L, index, &timer);
  return timer ? apv_timer_done(timer) : apv_call_done(box->call);
}

/* The call at the top reads its source, a string, until it is done. */
static void keep_source(lua_State *L, struct apvl_call *box, int source) {
  if (lua_type(L, source) != LUA_TSTRING) return;
  lua_createtable(L, 1, 0);
  lua_pushvalue(L, source);
  lua_rawseti(L, -2, 1);
  lua_setuservalue(L, -2);
  box->keeps = true;
}

/* It may be large, and the response may be kept. */
static void drop_source(lua_State *L, int index, struct apvl_call *box) {
  if (!box->keeps) return;
  lua_getuservalue(L, index);
  lua_pushnil(L);
  lua_rawseti(L, -2, 1);
  lua_pop(L, 1);
}

apv_call *apvl_start(
  lua_State *L, apv_client *client, enum apv_operation operation, int first
) {
  struct apv_request request;
  const char *method = apv_operation_name(operation);
  apvl_read_request(L, method, operation, first, &request);
  struct apvl_call *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_setmetatable(L, APVL_CALL);
  keep_source(L, box, first + APVL_SOURCE);
  apvl_check_source(L, first + APVL_SOURCE, &request);
  enum apv_status status = apv_call_start(client, &request, &box->call);
  if (status != APV_OK) apvl_raise_status(L, method, status);
  return box->call;
}

/* --- results -------------------------------------------------------------- */

/* An answer of success that is labelled as something else is not read: it may
** come from a proxy or a portal. Parameters after the type do not matter. */
static const char *type_problem(const apv_call *call) {
  struct apv_slice type = apv_call_content_type(call);
  if (type.data == NULL) return NULL;
  const char *parameters = memchr(type.data, ';', type.size);
  if (parameters != NULL) type.size = (size_t)(parameters - type.data);
  type = apv_slice_trim(type);
  static const char json[] = "json";
  size_t json_size = sizeof json - 1;
  if (type.size <= json_size) return "it is not labelled as JSON";
  struct apv_slice end = {type.data + type.size - json_size, json_size};
  bool is_json =
    apv_slice_is(end, json) && (end.data[-1] == '/' || end.data[-1] == '+');
  return is_json ? NULL : "it is not labelled as JSON";
}

/* The value at the top is about the video that was uploaded to. */
static const char *id_problem(lua_State *L, const apv_call *call) {
  const char *id = apv_call_video_id(call);
  if (id == NULL || *id == '\0') return NULL;
  lua_getfield(L, -1, "video_id");
  bool same = strcmp(lua_tostring(L, -1), id) == 0;
  lua_pop(L, 1);
  return same ? NULL : "it is about another video";
}

/* [-0, +1] The value of an answer of success, or nil and what is wrong. */
static const char *push_value(lua_State *L, const apv_call *call) {
  enum apv_operation operation = apv_call_operation(call);
  struct apv_slice body = apv_call_body(call);
  bool deletes = operation == APV_DELETE_TOKEN;
  if (deletes && apv_slice_trim(body).size == 0) {
    lua_pushboolean(L, 1);
    return NULL;
  }
  const char *problem = type_problem(call);
  if (problem != NULL) {
    lua_pushnil(L);
    return problem;
  }
  problem = apvl_decode(L, body, apvl_shape_of(operation));
  if (problem != NULL) return problem;
  if (!deletes) return id_problem(L, call);
  lua_pop(L, 1);
  lua_pushboolean(L, 1);
  return NULL;
}

static bool ends_with(const char *text, const char *end) {
  size_t size = strlen(text), end_size = strlen(end);
  return size >= end_size && strcmp(text + size - end_size, end) == 0;
}

/* Whether the service says that the upload has arrived before, when it may
** have: [-0, +0]. */
static bool was_sent_already(lua_State *L, const apv_call *call) {
  if (!apv_call_may_have_arrived(call)) return false;
  if (apv_call_status(call) != APV_OK) return false;
  if (apv_call_http_status(call) != 400) return false;
  bool sent = false;
  apvl_decode(L, apv_call_body(call), NULL);
  if (lua_istable(L, -1)) {
    lua_getfield(L, -1, "type");
    if (lua_type(L, -1) == LUA_TSTRING) {
      const char *type = lua_tostring(L, -1);
      sent = ends_with(type, "-part-already-sent") ||
             ends_with(type, "/video-source-already-uploaded");
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return sent;
}

/* [-0, +2] Of the video no more is known than which it is. */
static int push_sent_already(lua_State *L, int index, struct apvl_call *box) {
  box->already_sent = true;
  box->taken = true;
  lua_createtable(L, 0, 1);
  lua_pushstring(L, apv_call_video_id(box->call));
  lua_setfield(L, -2, "video_id");
  lua_pushvalue(L, index);
  return 2;
}

/* read_value(call) → value, or nil and what is wrong with its answer */
static int read_value(lua_State *L) {
  const struct apvl_call *box = lua_touserdata(L, 1);
  const char *problem = push_value(L, box->call);
  lua_pushstring(L, problem); /* NULL pushes nil */
  return 2;
}

int apvl_result(lua_State *L, int index) {
  struct apvl_call *box = lua_touserdata(L, index);
  index = lua_absindex(L, index);
  apvl_reserve(L, LUA_MINSTACK);
  drop_source(L, index, box);
  if (!apv_call_succeeded(box->call)) {
    if (!was_sent_already(L, box->call)) return apvl_raise(L, index, NULL);
    return push_sent_already(L, index, box);
  }
  lua_pushcfunction(L, read_value);
  lua_pushvalue(L, index);
  /* A finalizer that runs meanwhile may ask for the result, too. An error, of
  ** a hook for example, leaves it to be taken later. */
  box->taken = true;
  bool failed = lua_pcall(L, 1, 2, 0) != 0;
  box->taken = !failed && lua_isnil(L, -1);
  if (failed) return lua_error(L);
  if (!box->taken) return apvl_raise(L, index, lua_tostring(L, -1));
  lua_pop(L, 1);
  apv_call_drop_body(box->call);
  lua_pushvalue(L, index);
  return 2;
}

/* --- methods -------------------------------------------------------------- */

/* call:done() → boolean; of a timer, too */
int apvl_call_done(lua_State *L) {
  lua_pushboolean(L, apvl_is_done(L, 1));
  return 1;
}

/* call:cancel(): the call ends as cancelled, unless it has ended. */
static int call_cancel(lua_State *L) {
  struct apvl_call *box = luaL_checkudata(L, 1, APVL_CALL);
  if (box->call != NULL) apv_call_cancel(box->call);
  return 0;
}

/* call:result() → value, response; raises the error object of a failure. The
** value is given out once, the error as often as one asks. */
int apvl_call_result(lua_State *L) {
  const apv_timer *timer;
  const struct apvl_call *box = check_either(L, 1, &timer);
  if (timer != NULL) return apvl_timer_result(L);
  if (!apv_call_done(box->call)) {
    return luaL_error(L, "the call is still in flight: step its client first");
  }
  if (box->taken) return luaL_error(L, "the result was taken already");
  return apvl_result(L, 1);
}

/* call:request() → method, path with query; secrets are masked. */
static int call_request(lua_State *L) {
  struct apvl_call *box = check_box(L);
  char path[512];
  apv_call_path(box->call, path, sizeof path);
  lua_pushstring(L, apv_call_method(box->call));
  lua_pushstring(L, path);
  return 2;
}

/* call:number() → which one of its client's calls it is; of a timer, too */
int apvl_call_number(lua_State *L) {
  const apv_timer *timer;
  const struct apvl_call *box = check_either(L, 1, &timer);
  unsigned long number =
    timer ? apv_timer_number(timer) : apv_call_number(box->call);
  lua_pushnumber(L, (lua_Number)number);
  return 1;
}

/* call:progress() → bytes of an upload's source that were taken so far */
static int call_progress(lua_State *L) {
  apvl_push_count(L, apv_call_progress(check_box(L)->call));
  return 1;
}

/* call:may_have_arrived() → whether an upload that failed may have arrived all
** the same */
static int call_may_have_arrived(lua_State *L) {
  lua_pushboolean(L, apv_call_may_have_arrived(check_box(L)->call));
  return 1;
}

static bool is_answered(const apv_call *call) {
  return apv_call_done(call) && apv_call_http_status(call) != 0;
}

/* call:table() → the fields of the response as a plain table; nil while there
** is none */
static int call_table(lua_State *L) {
  if (is_answered(check_box(L)->call)) {
    apvl_push_response(L, 1);
  } else {
    lua_pushnil(L);
  }
  return 1;
}

static int call_tostring(lua_State *L) {
  struct apvl_call *box = check_box(L);
  const char *name = apv_operation_name(apv_call_operation(box->call));
  if (!apv_call_done(box->call)) {
    lua_pushfstring(L, "apivideo.call: %s, in flight", name);
  } else {
    int status = (int)apv_call_http_status(box->call);
    lua_pushfstring(L, "apivideo.call: %s, status %d", name, status);
  }
  return 1;
}

static int call_gc(lua_State *L) {
  struct apvl_call *box = luaL_checkudata(L, 1, APVL_CALL);
  apv_call *call = box->call;
  box->call = NULL;
  apv_call_free(call);
  return 0;
}

static const luaL_Reg methods[] = {
  {"done", apvl_call_done},
  {"cancel", call_cancel},
  {"result", apvl_call_result},
  {"request", call_request},
  {"number", apvl_call_number},
  {"progress", call_progress},
  {"may_have_arrived", call_may_have_arrived},
  {"table", call_table},
  {NULL, NULL},
};

/* Methods always, the fields of the response once there is one. The methods
** are in the upvalue. */
static int call_index(lua_State *L) {
  struct apvl_call *box = check_box(L);
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(1));
  if (!lua_isnil(L, -1)) return 1;
  bool answered = is_answered(box->call);
  if (!answered || lua_type(L, 2) != LUA_TSTRING) return 1;
  apvl_push_field(L, 1, lua_tostring(L, 2));
  return 1;
}

static const luaL_Reg metamethods[] = {
  {"__gc", call_gc},
  {"__tostring", call_tostring},
  {NULL, NULL},
};

void apvl_open_call(lua_State *L) {
  luaL_newmetatable(L, APVL_CALL);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_pushcclosure(L, call_index, 1);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "apivideo.call");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
