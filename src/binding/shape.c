/* What an answer must hold before it is handed out: half a token or a page
** without a total would fail the caller later and elsewhere. */
#include <math.h>
#include <string.h>

#include "binding.h"

/* No number of the service is larger: times to live, totals, lifetimes. */
static const double LARGEST = 2147483647;

/* Whether field `name` of the table at the top is of `type`; numbers must be
** integers from 0 to LARGEST. */
static bool has(lua_State *L, const char *name, int type) {
  lua_getfield(L, -1, name);
  bool good = lua_type(L, -1) == type;
  if (good && type == LUA_TNUMBER) {
    double number = lua_tonumber(L, -1);
    good = number >= 0 && number <= LARGEST && floor(number) == number;
  }
  lua_pop(L, 1);
  return good;
}

static bool absent(lua_State *L, const char *name) {
  return has(L, name, LUA_TNIL);
}

/* Text without control characters, and not empty. */
static bool has_credential(lua_State *L, const char *name) {
  size_t size = 0;
  lua_getfield(L, -1, name);
  bool good = lua_type(L, -1) == LUA_TSTRING;
  if (good) {
    const char *text = lua_tolstring(L, -1, &size);
    good = size > 0 && apv_text_is_valid(text, size);
  }
  lua_pop(L, 1);
  return good;
}

/* Tokens and the ids of videos are written alike. */
static bool has_id(lua_State *L, const char *name) {
  size_t size;
  lua_getfield(L, -1, name);
  bool good = lua_type(L, -1) == LUA_TSTRING;
  if (good) {
    const char *token = lua_tolstring(L, -1, &size);
    good = apv_token_is_valid(token, size);
  }
  lua_pop(L, 1);
  return good;
}

static const char *token_problem(lua_State *L) {
  if (!lua_istable(L, -1)) return "a token is not an object";
  if (!has_id(L, "token")) return "a token has no valid token";
  if (!has(L, "ttl", LUA_TNUMBER)) return "a token has no valid ttl";
  if (!has(L, "created_at", LUA_TSTRING)) {
    return "a token has no valid createdAt";
  }
  if (!absent(L, "expires_at") && !has(L, "expires_at", LUA_TSTRING)) {
    return "a token has no valid expiresAt";
  }
  return NULL;
}

/* Whether the table at the top has nothing but the keys 1 to n. */
static bool is_list(lua_State *L) {
  size_t keys = 0;
  for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) keys++;
  return keys == lua_rawlen(L, -1);
}

static const char *tokens_problem(lua_State *L) {
  if (!lua_istable(L, -1) || !is_list(L)) return "data is not a list";
  const char *problem = NULL;
  int count = (int)lua_rawlen(L, -1);
  for (int i = 1; i <= count && problem == NULL; i++) {
    lua_rawgeti(L, -1, i);
    problem = token_problem(L);
    lua_pop(L, 1);
  }
  return problem;
}

static const char *pagination_problem(lua_State *L) {
  static const char *const totals[] = {
    "current_page", "current_page_items", "page_size",
    "pages_total",  "items_total",
  };
  if (!lua_istable(L, -1)) return "there is no pagination";
  for (size_t i = 0; i < sizeof totals / sizeof *totals; i++) {
    if (!has(L, totals[i], LUA_TNUMBER)) {
      return "the pagination has no valid totals";
    }
  }
  if (!has(L, "links", LUA_TTABLE)) return "the pagination has no links";
  lua_getfield(L, -1, "links");
  bool list = is_list(L);
  lua_pop(L, 1);
  return list ? NULL : "the links are not a list";
}

static double total_of(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  double total = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return total;
}

/* A null among the tokens would be lost without a word, and so would the
** pages behind an empty one. */
static bool has_all_items(lua_State *L) {
  lua_getfield(L, -1, "data");
  double items = (double)lua_rawlen(L, -1);
  lua_getfield(L, -2, "pagination");
  bool all = total_of(L, "current_page_items") == items;
  bool more = total_of(L, "current_page") < total_of(L, "pages_total");
  lua_pop(L, 2);
  return all && (items > 0 || !more);
}

static const char *page_problem(lua_State *L) {
  if (!lua_istable(L, -1)) return "a page is not an object";
  lua_getfield(L, -1, "data");
  const char *problem = tokens_problem(L);
  lua_pop(L, 1);
  if (problem != NULL) return problem;
  lua_getfield(L, -1, "pagination");
  problem = pagination_problem(L);
  lua_pop(L, 1);
  if (problem != NULL) return problem;
  return has_all_items(L) ? NULL : "the page lacks some of its items";
}

/* Of a video that has only some of its parts there is little more. */
static const char *video_problem(lua_State *L) {
  if (!lua_istable(L, -1)) return "a video is not an object";
  return has_id(L, "video_id") ? NULL : "a video has no valid videoId";
}

static const char *access_problem(lua_State *L) {
  if (!lua_istable(L, -1)) return "the access token is not an object";
  if (!has_credential(L, "access_token")) return "there is no access token";
  if (!has_credential(L, "refresh_token")) return "there is no refresh token";
  if (!has(L, "expires_in", LUA_TNUMBER)) return "there is no lifetime";
  return NULL;
}

const char *apvl_shape_problem(lua_State *L, enum apv_operation operation) {
  switch (operation) {
    case APV_CREATE_TOKEN:
    case APV_GET_TOKEN: return token_problem(L);
    case APV_LIST: return page_problem(L);
    case APV_AUTHENTICATE:
    case APV_REFRESH: return access_problem(L);
    case APV_UPLOAD: return video_problem(L);
    case APV_PAUSE: return "a pause has none";
    case APV_DELETE_TOKEN:
    case APV_OPERATION_COUNT: break;
  }
  return NULL;
}
