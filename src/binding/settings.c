/* From the options of core.new() to settings of the core. */
#include <string.h>

#include "binding.h"

const char *const apvl_setting_names[] = {
  "api_key",         "environment",     "base_url",        "timeout",
  "connect_timeout", "retries",         "max_connections", "max_response_bytes",
  "proxy",           "ca_file",         "application",     "sdk",
  "headers",         "attempt_timeout", "idle_timeout",    NULL,
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
    /* Such a name is no secret, and is shown whole. */
    apvl_misuse(
      L, place, "the header \"%s\" is set by the library: leave it out", name
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
  size_t size = 0;
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
    struct apv_header header = check_header(L, place);
    headers[(*count)++] = header;
    size += strlen(header.name) + strlen(header.value) + sizeof ": ";
    if (size > APV_LONGEST_TEXT) {
      apvl_misuse(L, place, "headers must be at most 65536 bytes in all");
    }
    lua_pushvalue(L, -2);
  }
  return headers;
}

const struct apv_header *apvl_headers_option(
  lua_State *L, int index, struct apvl_place place, size_t *count
) {
  lua_getfield(L, index, "headers");
  if (!lua_isnil(L, -1)) return read_headers(L, place, count);
  lua_pop(L, 1);
  return NULL;
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
  if (name == NULL || !apv_identity_name_is_valid(name, strlen(name))) {
    apvl_misuse(L, place, "%s.name must be 1 to 50 of A-Z a-z 0-9 _ -", option);
  }
  if (version == NULL || !apv_version_is_valid(version)) {
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
  const char *url = apvl_text_option(L, index, place, "base_url");
  return url ? url : default_value;
}

/* false is none, as "" is. */
static const char *proxy_option(
  lua_State *L, int index, struct apvl_place place
) {
  lua_getfield(L, index, "proxy");
  bool none = lua_isboolean(L, -1) && !lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (none) return "";
  return apvl_checked_option(L, index, place, "proxy", apv_check_proxy);
}

static const char *api_key_option(
  lua_State *L, int index, struct apvl_place place
) {
  return apvl_checked_option(L, index, place, "api_key", apv_check_api_key);
}

/* What no option tells alone; the default of a URL may be at fault, too. */
static void check_together(
  lua_State *L, struct apvl_place place, const struct apv_settings *settings
) {
  const char *problem;
  enum apv_status status = apv_check_base_url(settings->base_url, &problem);
  if (status == APV_NO_MEMORY) apvl_no_memory(L);
  if (status != APV_OK) apvl_misuse(L, place, "base_url %s", problem);
  if (apv_check_plain(settings, &problem) != APV_OK) {
    apvl_misuse(L, place, "%s", problem);
  }
}

void apvl_read_settings(
  lua_State *L, int index, struct apv_settings *settings
) {
  struct apvl_place place = {"new", 1};
  apv_settings_init(settings);
  if (lua_isnoneornil(L, index)) {
    check_together(L, place, settings);
    return;
  }
  apvl_check_table(L, index, place, "options must be a table");
  apvl_reserve(L, 32);
  apvl_check_names(L, index, place, apvl_setting_names);
  settings->api_key = api_key_option(L, index, place);
  settings->base_url = base_url_option(L, index, place, settings->base_url);
  settings->timeout =
    apvl_seconds_option(L, index, place, "timeout", settings->timeout);
  settings->attempt_timeout = apvl_patience_option(
    L, index, place, "attempt_timeout", settings->attempt_timeout
  );
  settings->idle_timeout = apvl_seconds_option(
    L, index, place, "idle_timeout", settings->idle_timeout
  );
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
  settings->proxy = proxy_option(L, index, place);
  settings->ca_file =
    apvl_checked_option(L, index, place, "ca_file", apv_check_ca_file);
  settings->application = identity_option(L, index, place, "application");
  settings->sdk = identity_option(L, index, place, "sdk");
  settings->headers =
    apvl_headers_option(L, index, place, &settings->header_count);
  check_together(L, place, settings);
}
