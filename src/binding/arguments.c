/* From the arguments of a method to a request of the core. */
#include <math.h>
#include <string.h>

#include "../core/secrets.h"
#include "binding.h"

static const double LARGEST_TTL = 2147483647;

/* --- call options --------------------------------------------------------- */

static void read_call_options(
  lua_State *L, int index, struct apvl_place place, struct apv_request *request
) {
  if (lua_isnoneornil(L, index)) return;
  apvl_check_table(L, index, place, "call options must be a table");
  apvl_check_names(L, index, place, apvl_call_option_names);
  request->timeout = apvl_seconds_option(L, index, place, "timeout", 0);
  request->attempt_timeout = apvl_patience_option(
    L, index, place, "attempt_timeout", request->attempt_timeout
  );
  request->idle_timeout =
    apvl_seconds_option(L, index, place, "idle_timeout", 0);
  request->retries = (int
  )apvl_number_option(L, index, place, "retries", -1, 0, APV_MOST_RETRIES);
  request->headers =
    apvl_headers_option(L, index, place, &request->header_count);
}

double apvl_read_timeout(
  lua_State *L, int index, struct apvl_place place, double default_value
) {
  static const char *const names[] = {"timeout", NULL};
  if (lua_isnoneornil(L, index)) return default_value;
  apvl_check_table(L, index, place, "options must be a table");
  apvl_check_names(L, index, place, names);
  return apvl_seconds_option(L, index, place, "timeout", default_value);
}

/* --- operations ----------------------------------------------------------- */

/* [-0, +1] What is no token may still be one with a line end behind it. */
static const char *describe_token(lua_State *L, int index) {
  enum { SHORT = 8 };
  char mask[APV_MASK_SIZE];
  size_t size;
  const char *token = lua_tolstring(L, index, &size);
  if (size < SHORT) return apvl_describe(L, index);
  apv_mask(token, size, mask);
  lua_pushstring(L, mask);
  return apvl_describe(L, -1);
}

static void read_token(
  lua_State *L, int index, struct apvl_place place, struct apv_request *request
) {
  size_t size;
  if (lua_type(L, index) != LUA_TSTRING) {
    apvl_misuse(
      L, place, "the upload token must be a string, got %s",
      apvl_describe(L, index)
    );
  }
  request->token = lua_tolstring(L, index, &size);
  if (!apv_token_is_valid(request->token, size)) {
    apvl_misuse(
      L, place, "an upload token is 1 to 128 of A-Z a-z 0-9 _ -, got %s",
      describe_token(L, index)
    );
  }
}

static void read_payload(
  lua_State *L, int index, struct apvl_place place, struct apv_request *request
) {
  static const char *const names[] = {"ttl", NULL};
  double ttl = -1;
  if (!lua_isnoneornil(L, index)) {
    apvl_check_table(
      L, index, place, "the payload must be a table such as { ttl = 3600 }"
    );
    apvl_check_fields(L, index, place, names);
    ttl = apvl_number_option(L, index, place, "ttl", -1, 0, LARGEST_TTL);
  }
  if (ttl < 0) {
    lua_pushliteral(L, "{}");
  } else {
    lua_pushfstring(L, "{\"ttl\":%d}", (int)ttl);
  }
  request->body = lua_tolstring(L, -1, &request->body_size);
}

/* What a word of ours is in the service's spelling. */
struct word {
  const char *ours;
  const char *service;
};

static const struct word orders[] = {
  {"created_at", "createdAt"},
  {"ttl", "ttl"},
  {"createdAt", "createdAt"},
  {NULL, NULL},
};

static const struct word directions[] = {
  {"asc", "asc"},
  {"desc", "desc"},
  {NULL, NULL},
};

/* The service's spelling of the option, or NULL when it is absent; a message
** names the first two words. */
static const char *word_option(
  lua_State *L, int index, struct apvl_place place, const char *name,
  const struct word *words
) {
  const char *given = apvl_text_option(L, index, place, name);
  if (given == NULL) return NULL;
  for (const struct word *word = words; word->ours != NULL; word++) {
    if (strcmp(given, word->ours) == 0) return word->service;
  }
  apvl_misuse(
    L, place, "%s must be \"%s\" or \"%s\", got %s", name, words[0].ours,
    words[1].ours, apvl_describe(L, -1)
  );
  return NULL;
}

static void read_query(
  lua_State *L, int index, struct apvl_place place, struct apv_request *request
) {
  static const char *const names[] = {
    "sort_by", "sort_order", "current_page", "page_size", NULL,
  };
  if (lua_isnoneornil(L, index)) return;
  apvl_check_table(
    L, index, place, "the query must be a table such as { page_size = 100 }"
  );
  apvl_check_fields(L, index, place, names);
  request->sort_by = word_option(L, index, place, "sort_by", orders);
  request->sort_order = word_option(L, index, place, "sort_order", directions);
  request->current_page = (long
  )apvl_number_option(L, index, place, "current_page", 0, 1, APV_MOST_PAGES);
  request->page_size = (long
  )apvl_number_option(L, index, place, "page_size", 0, 1, APV_MOST_PAGE_SIZE);
}

/* A key or refresh token, sent as {"field": secret}. */
static void read_secret(
  lua_State *L, int index, struct apvl_place place, const char *field,
  struct apv_request *request
) {
  size_t size;
  if (lua_type(L, index) != LUA_TSTRING) {
    apvl_misuse(
      L, place, "the credential must be a string, got %s",
      luaL_typename(L, index)
    );
  }
  request->secret = lua_tolstring(L, index, &size);
  if (size == 0 || !apv_text_is_valid(request->secret, size)) {
    apvl_misuse(
      L, place, "the credential must be text without control characters"
    );
  }
  apvl_push_object(L, field, request->secret);
  request->body = lua_tolstring(L, -1, &request->body_size);
}

void apvl_read_request(
  lua_State *L, const char *method, enum apv_operation operation, int first,
  struct apv_request *request
) {
  struct apvl_place place = {method, 1};
  int options = first + (operation == APV_UPLOAD ? 2 : 1);
  apv_request_init(request, operation);
  lua_settop(L, first + APVL_SOURCE);
  lua_pushnil(L); /* an argument too many is passed over */
  lua_replace(L, first + APVL_SOURCE);
  apvl_reserve(L, 32);
  switch (operation) {
    case APV_CREATE_TOKEN: read_payload(L, first, place, request); break;
    case APV_GET_TOKEN:
    case APV_DELETE_TOKEN: read_token(L, first, place, request); break;
    case APV_LIST: read_query(L, first, place, request); break;
    case APV_AUTHENTICATE:
      read_secret(L, first, place, "apiKey", request);
      break;
    case APV_REFRESH:
      read_secret(L, first, place, "refreshToken", request);
      break;
    case APV_UPLOAD:
      read_token(L, first, place, request);
      place.argument = 2;
      apvl_read_part(L, first + 1, first + APVL_SOURCE, place, request);
      break;
    case APV_OPERATION_COUNT: break;
  }
  place.argument = options - first + 1;
  read_call_options(L, options, place, request);
}

enum apv_operation apvl_check_operation(lua_State *L, int index) {
  const char *names[APV_OPERATION_COUNT + 1] = {NULL};
  for (int i = 0; i < APV_OPERATION_COUNT; i++) {
    names[i] = apv_operation_name((enum apv_operation)i);
  }
  struct apvl_place place = {"start", 1};
  const char *name = lua_tostring(L, index);
  for (int i = 0; name != NULL && i < APV_OPERATION_COUNT; i++) {
    if (strcmp(name, names[i]) == 0) return (enum apv_operation)i;
  }
  apvl_unknown(L, place, "operation", index, names);
  return APV_OPERATION_COUNT;
}
