/* A module for Lua with one function, get(url): the body that comes, as a
** string. As lean as libcurl can: one handle, one buffer. */
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "request.h"

static struct {
  char *data;
  size_t size, room;
} body;

static size_t collect(char *data, size_t one, size_t size, void *context) {
  (void)one;
  (void)context;
  if (body.size + size > body.room) {
    body.room = 2 * (body.size + size);
    body.data = realloc(body.data, body.room);
    if (body.data == NULL) exit(1);
  }
  memcpy(body.data + body.size, data, size);
  body.size += size;
  return size;
}

static int get(lua_State *L) {
  static CURL *easy;
  const char *url = luaL_checkstring(L, 1);
  if (easy == NULL) {
    easy = request_new(url);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, collect);
  }
  body.size = 0;
  curl_easy_setopt(easy, CURLOPT_URL, url);
  request_check(easy, curl_easy_perform(easy));
  lua_pushlstring(L, body.data, body.size);
  return 1;
}

int luaopen_fetch(lua_State *L) {
  lua_newtable(L);
  lua_pushcfunction(L, get);
  lua_setfield(L, -2, "get");
  return 1;
}
