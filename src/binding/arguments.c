/* From the arguments of a method to what the core is asked to do. */
#include <math.h>
#include <string.h>

#include "../core/secrets.h"
#include "../core/text.h"
#include "binding.h"

static const double LARGEST_TTL = 2147483647;

/* --- client options ------------------------------------------------------- */

const char *const apvl_setting_names[] = {
  "api_key",         "environment", "base_url",        "timeout",
  "connect_timeout", "retries",     "max_connections", "max_response_bytes",
  "proxy",           "ca_file",     "application",     "sdk",
  "headers",         NULL,
};

enum { MOST_HEADERS = 64 };

/* Reads the name at -2 and the value at -1. */
static struct apv_header check_header(lua_State *L, struct apvl_place place) {
  size_t name_size, value_size;
  if (lua_type(L, -2) != LUA_TSTRING || lua_type(L, -1) != LUA_TSTRING) {
    apvl_misuse(L, place, "headers must be strings with strings as names");
  }
  const char *name = lua_tolstring(L, -2, &name_size);
  const char *value = lua_tolstring(L, -1, &value_size);
  const char *shown = apvl_describe(L, -2);
  if (!apv_header_name_is_valid(name, name_size)) {
    apvl_misuse(L, place, "%s is not a header name", shown);
  }
  if (apv_header_name_is_reserved(name)) {
    apvl_misuse(
      L, place, "the header %s is set by the library: leave it out", shown
    );
  }
  if (!apv_text_is_valid(value, value_size)) {
    apvl_misuse(
      L, place, "the header %s must be UTF-8 without control characters", shown
    );
  }
  lua_pop(L, 1);
  return (struct apv_header){name, value};
}

/* The headers at the top of the stack become an array. It, the names and the
** values stay on the stack: a finalizer may change the table meanwhile. */
static struct apv_header *read_headers(
  lua_State *L, struct apvl_place place, size_t *count
) {
  int table = lua_gettop(L);
  *count = 0;
  apvl_check_table(L, table, place, "headers must be a table");
  apvl_reserve(L, 2 * MOST_HEADERS + 8);
  struct apv_header *headers =
    lua_newuserdata(L, MOST_HEADERS * sizeof *headers);
  lua_pushnil(L);
  while (lua_next(L, table) != 0) {
    if (*count == MOST_HEADERS) {
      apvl_misuse(L, place, "there may be at most %d headers", MOST_HEADERS);
    }
    headers[(*count)++] = check_header(L, place);
    lua_pushvalue(L, -2);
  }
  return headers;
}

static const struct apv_header *headers_option(
  lua_State *L, int index, struct apvl_place place, size_t *count
) {
  lua_getfield(L, index, "headers");
  if (!lua_isnil(L, -1)) return read_headers(L, place, count);
  lua_pop(L, 1);
  return NULL;
}

/* The service's rule for versions: one to three numbers of one to three
** digits. */
static bool is_version(const char *text) {
  for (int numbers = 0; numbers < 3; numbers++) {
    size_t digits = strspn(text, "0123456789");
    if (digits < 1 || digits > 3) return false;
    text += digits;
    if (*text == '\0') return true;
    if (*text++ != '.') return false;
  }
  return false;
}

static bool is_identifier(const char *text) {
  size_t size = 0;
  while (apv_is_token_byte(text[size])) size++;
  return text[size] == '\0' && size >= 1 && size <= 50;
}

/* The field of an option that is a table: [-0, +(1|2)]. */
static const char *identity_field(
  lua_State *L, int table, struct apvl_place place, const char *option,
  const char *field
) {
  const char *name = lua_pushfstring(L, "%s.%s", option, field);
  return apvl_text_field(L, table, place, field, name);
}

/* { name =, version = } as "name:version", or NULL: [-0, +n]. */
static const char *identity_option(
  lua_State *L, int index, struct apvl_place place, const char *option
) {
  static const char *const names[] = {"name", "version", NULL};
  lua_getfield(L, index, option);
  if (lua_isnil(L, -1)) return NULL;
  int table = lua_gettop(L);
  apvl_check_table(
    L, table, place, "application and sdk are { name = …, version = … }"
  );
  apvl_check_names(L, table, place, names);
  const char *name = identity_field(L, table, place, option, "name");
  const char *version = identity_field(L, table, place, option, "version");
  if (name == NULL || !is_identifier(name)) {
    apvl_misuse(L, place, "%s.name must be 1 to 50 of A-Z a-z 0-9 _ -", option);
  }
  if (version == NULL || !is_version(version)) {
    lua_pushstring(L, version); /* NULL pushes nil */
    apvl_misuse(
      L, place, "%s.version must be like 1, 1.2 or 1.2.3, got %s", option,
      apvl_describe(L, -1)
    );
  }
  return lua_pushfstring(L, "%s:%s", name, version);
}

/* The URL of the environment that is named, or `default_value`. */
static const char *environment_option(
  lua_State *L, int index, struct apvl_place place, const char *default_value
) {
  const char *name = apvl_text_option(L, index, place, "environment");
  if (name == NULL) return default_value;
  if (strcmp(name, "production") == 0) return "https://ws.api.video";
  if (strcmp(name, "sandbox") == 0) return "https://sandbox.api.video";
  apvl_misuse(
    L, place, "environment must be \"production\" or \"sandbox\", got %s",
    apvl_describe(L, -1)
  );
  return NULL;
}

static const char *base_url_option(
  lua_State *L, int index, struct apvl_place place, const char *default_value
) {
  default_value = environment_option(L, index, place, default_value);
  const char *url =
    apvl_checked_option(L, index, place, "base_url", apv_check_base_url);
  return url ? url : default_value;
}

static const char *api_key_option(
  lua_State *L, int index, struct apvl_place place
) {
  return apvl_checked_option(L, index, place, "api_key", apv_check_api_key);
}

void apvl_read_settings(
  lua_State *L, int index, struct apv_settings *settings
) {
  struct apvl_place place = {"new", 1};
  apv_settings_init(settings);
  if (lua_isnoneornil(L, index)) return;
  apvl_check_table(L, index, place, "options must be a table");
  apvl_reserve(L, 32);
  apvl_check_names(L, index, place, apvl_setting_names);
  settings->api_key = api_key_option(L, index, place);
  settings->base_url = base_url_option(L, index, place, settings->base_url);
  settings->timeout =
    apvl_seconds_option(L, index, place, "timeout", settings->timeout);
  settings->connect_timeout = apvl_seconds_option(
    L, index, place, "connect_timeout", settings->connect_timeout
  );
  settings->retries = (int)apvl_number_option(
    L, index, place, "retries", settings->retries, 0, APV_MOST_RETRIES
  );
  settings->max_connections = (long)apvl_number_option(
    L, index, place, "max_connections", (double)settings->max_connections, 1,
    APV_MOST_CONNECTIONS
  );
  settings->max_response_bytes = (size_t)apvl_number_option(
    L, index, place, "max_response_bytes", (double)settings->max_response_bytes,
    1, APV_MOST_RESPONSE_BYTES
  );
  settings->proxy = apvl_checked_option(L, index, place, "proxy", apv_check_proxy);
  settings->ca_file = apvl_text_option(L, index, place, "ca_file");
  settings->application = identity_option(L, index, place, "application");
  settings->sdk = identity_option(L, index, place, "sdk");
  settings->headers = headers_option(L, index, place, &settings->header_count);
  const char *problem;
  if (apv_check_plain(settings, &problem) != APV_OK) {
    apvl_misuse(L, place, "%s", problem);
  }
}

/* --- call options --------------------------------------------------------- */

static void read_call_options(
  lua_State *L, int index, struct apvl_place place, struct apv_request *request
) {
  if (lua_isnoneornil(L, index)) return;
  apvl_check_table(L, index, place, "call options must be a table");
  apvl_check_names(L, index, place, apvl_call_option_names);
  request->timeout = apvl_seconds_option(L, index, place, "timeout", 0);
  request->retries = (int)apvl_number_option(
    L, index, place, "retries", -1, 0, APV_MOST_RETRIES
  );
  request->headers = headers_option(L, index, place, &request->header_count);
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
  request->current_page =
    (long)apvl_number_option(L, index, place, "current_page", 0, 1, APV_MOST_PAGES);
  request->page_size =
    (long)apvl_number_option(L, index, place, "page_size", 0, 1, APV_MOST_PAGE_SIZE);
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
