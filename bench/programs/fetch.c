/* A module for Lua, as lean as libcurl can:
**   get(url) → the body that comes; one handle, one buffer
**   many(url, calls, at_once, take): the same for each of so many calls in
**     flight; calls take(body) */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "many.h"

struct body {
  char *data;
  size_t size, room;
};

static size_t collect(char *data, size_t one, size_t size, void *context) {
  struct body *body = context;
  (void)one;
  if (body->size + size > body->room) {
    body->room = 2 * (body->size + size);
    body->data = realloc(body->data, body->room);
    if (body->data == NULL) exit(1);
  }
  memcpy(body->data + body->size, data, size);
  body->size += size;
  return size;
}

static void collect_into(CURL *easy, struct body *body) {
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, body);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, body);
}

static int get(lua_State *L) {
  static CURL *easy;
  static struct body body;
  const char *url = luaL_checkstring(L, 1);
  if (easy == NULL) {
    easy = request_new(url);
    collect_into(easy, &body);
  }
  body.size = 0;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  request_check(easy, curl_easy_perform(easy));
  lua_pushlstring(L, body.data, body.size);
  return 1;
}

/* Its buffer goes with the process. */
static void prepare(CURL *easy) {
  struct body *body = calloc(1, sizeof *body);
  if (body == NULL) exit(1);
  collect_into(easy, body);
}

static void take(CURL *easy, void *context) {
  lua_State *L = context;
  struct body *body;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &body);
  lua_pushvalue(L, 4);
  lua_pushlstring(L, body->data, body->size);
  body->size = 0;
  lua_call(L, 1, 0);
}

static int many(lua_State *L) {
  struct many it = {prepare, take, L};
  int calls = (int)luaL_checkinteger(L, 2);
  many_run(luaL_checkstring(L, 1), calls, (int)luaL_checkinteger(L, 3), &it);
  return 0;
}

int luaopen_fetch(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, get);
  lua_setfield(L, -2, "get");
  lua_pushcfunction(L, many);
  lua_setfield(L, -2, "many");
  return 1;
}
