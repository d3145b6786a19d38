/* Answers after they were decoded, in one pass: numbers and null in our terms,
** and whether everything is there, since half a token or a page without a total
** would fail the caller later and elsewhere. */
#include <math.h>
#include <string.h>

#include "binding.h"

/* No number of the service is larger: times to live, totals, lifetimes. */
static const double LARGEST = 2147483647;

/* From here on a double may stand for several integers. */
static const double LARGEST_INTEGER = 9007199254740992.0;

enum { MOST_FIELDS = 7 };

enum kind {
  TEXT,
  COUNT, /* an integer from 0 to LARGEST */
  ID, /* of tokens and of videos, which are written alike */
  CREDENTIAL, /* text without control characters, and not empty */
  OBJECT, /* of a shape */
  LIST /* of objects of a shape */
};

struct field {
  const char *name;
  size_t size; /* of the name */
  enum kind kind;
  const char *problem; /* unless it is there, and of the kind */
  const struct apvl_shape *shape;
  bool optional;
};

/* An object has the fields before the one without a name, and perhaps more. */
struct apvl_shape {
  const char *problem; /* with what is no object */
  struct field fields[MOST_FIELDS];
  /* [-0, +0] What is wrong with the object at the top, whose fields are good,
  ** or NULL. */
  const char *(*check)(lua_State *L);
};

#define NAME(name) (name), sizeof(name) - 1

/* --- the service's objects ------------------------------------------------ */

static const struct apvl_shape TOKEN = {
  "a token is not an object",
  {{NAME("token"), ID, "a token has no valid token", NULL, false},
   {NAME("ttl"), COUNT, "a token has no valid ttl", NULL, false},
   {NAME("created_at"), TEXT, "a token has no valid createdAt", NULL, false},
   {NAME("expires_at"), TEXT, "a token has no valid expiresAt", NULL, true}},
  NULL,
};

static const char NO_TOTALS[] = "the pagination has no valid totals";

static const struct apvl_shape LINK = {"a link is not an object", {{0}}, NULL};

static const struct apvl_shape PAGINATION = {
  "there is no pagination",
  {{NAME("current_page"), COUNT, NO_TOTALS, NULL, false},
   {NAME("current_page_items"), COUNT, NO_TOTALS, NULL, false},
   {NAME("page_size"), COUNT, NO_TOTALS, NULL, false},
   {NAME("pages_total"), COUNT, NO_TOTALS, NULL, false},
   {NAME("items_total"), COUNT, NO_TOTALS, NULL, false},
   {NAME("links"), LIST, "the pagination has no list of links", &LINK, false}},
  NULL,
};

static double total_of(lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  double total = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return total;
}

/* A null among the tokens would be lost without a word, and so would the
** pages behind an empty one. */
static const char *check_page(lua_State *L) {
  lua_getfield(L, -1, "data");
  double items = (double)lua_rawlen(L, -1);
  lua_getfield(L, -2, "pagination");
  bool all = total_of(L, "current_page_items") == items;
  bool more = total_of(L, "current_page") < total_of(L, "pages_total");
  lua_pop(L, 2);
  if (all && (items > 0 || !more)) return NULL;
  return "the page lacks some of its items";
}

static const struct apvl_shape PAGE = {
  "a page is not an object",
  {{NAME("data"), LIST, "data is not a list", &TOKEN, false},
   {NAME("pagination"), OBJECT, "there is no pagination", &PAGINATION, false}},
  check_page,
};

/* Of a video that has only some of its parts there is little more. */
static const struct apvl_shape VIDEO = {
  "a video is not an object",
  {{NAME("video_id"), ID, "a video has no valid videoId", NULL, false}},
  NULL,
};

static const struct apvl_shape ACCESS = {
  "the access token is not an object",
  {{NAME("access_token"), CREDENTIAL, "there is no access token", NULL, false},
   {NAME("refresh_token"), CREDENTIAL, "there is no refresh token", NULL,
    false},
   {NAME("expires_in"), COUNT, "there is no lifetime", NULL, false}},
  NULL,
};

const struct apvl_shape *apvl_shape_of(enum apv_operation operation) {
  switch (operation) {
    case APV_CREATE_TOKEN:
    case APV_GET_TOKEN: return &TOKEN;
    case APV_LIST: return &PAGE;
    case APV_AUTHENTICATE:
    case APV_REFRESH: return &ACCESS;
    case APV_UPLOAD: return &VIDEO;
    case APV_DELETE_TOKEN:
    case APV_PAUSE:
    case APV_OPERATION_COUNT: break;
  }
  return NULL;
}

/* --- values --------------------------------------------------------------- */

struct reading {
  long names; /* of fields, so far */
  const char *problem; /* which no JSON of ours may have, or NULL */
};

/* Whether the text at the top is of a kind. */
static bool text_fits(lua_State *L, enum kind kind) {
  size_t size;
  if (kind == TEXT) return true;
  const char *text = lua_tolstring(L, -1, &size);
  if (kind == ID) return apv_token_is_valid(text, size);
  return kind == CREDENTIAL && size > 0 && apv_text_is_valid(text, size);
}

static bool is_count(double number) {
  return number >= 0 && number <= LARGEST && floor(number) == number;
}

/* [-1, +1] Makes the number at the top an integer, if it is whole and where Lua
** has them; lua-cjson gives floats or integers, depending on its version. */
static void convert_number(lua_State *L, struct reading *it, double number) {
  if (floor(number) != number) return;
  if (fabs(number) >= LARGEST_INTEGER) {
    it->problem = "an integer is beyond 2^53";
    return;
  }
#if LUA_VERSION_NUM >= 503
  lua_pop(L, 1);
  lua_pushinteger(L, (lua_Integer)number);
#else
  (void)L;
#endif
}

static const char *read_table(
  lua_State *L, struct reading *it, const struct field *field
);

/* [-1, +1] Converts the value at the top, which is of a Lua type. NULL, or what
** is wrong with it as that field, unless that is NULL. */
static const char *read_value(
  lua_State *L, struct reading *it, int type, const struct field *field
) {
  bool good = false;
  if (type == LUA_TTABLE) return read_table(L, it, field);
  if (type == LUA_TSTRING) {
    good = field == NULL || text_fits(L, field->kind);
  } else if (type == LUA_TNUMBER) {
    double number = lua_tonumber(L, -1);
    convert_number(L, it, number);
    good = field != NULL && field->kind == COUNT && is_count(number);
  } else if (type == LUA_TLIGHTUSERDATA) { /* cjson.null */
    lua_pop(L, 1);
    lua_pushnil(L);
    good = field != NULL && field->optional;
  }
  return good || field == NULL ? NULL : field->problem;
}

/* [-1, +0] The same with the value of the key below it, in `table`. */
static const char *read_entry(
  lua_State *L, struct reading *it, int table, const struct field *field
) {
  int type = lua_type(L, -1);
  const char *problem = read_value(L, it, type, field);
  if (type == LUA_TNUMBER || type == LUA_TLIGHTUSERDATA) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, table);
  } else {
    lua_pop(L, 1);
  }
  return problem;
}

/* [-0, +0] Reads the list at the top. Lists have numbers as keys, objects have
** names. */
static const char *read_list(
  lua_State *L, struct reading *it, const struct field *field
) {
  int table = lua_gettop(L);
  const char *problem = NULL;
  const struct field item = {
    NULL, 0, OBJECT, field->shape->problem, field->shape, false,
  };
  for (lua_pushnil(L); lua_next(L, table) != 0;) {
    bool is_item = lua_type(L, -2) == LUA_TNUMBER;
    if (!is_item) it->names++;
    const char *its = read_entry(L, it, table, is_item ? &item : NULL);
    if (!is_item) problem = field->problem;
    if (problem == NULL) problem = its;
  }
  return problem;
}

/* The field that the key at `index`, a string, names, or NULL. */
static const struct field *find_field(
  lua_State *L, int index, const struct apvl_shape *shape
) {
  size_t size;
  const char *name = lua_tolstring(L, index, &size);
  for (const struct field *it = shape->fields; it->name != NULL; it++) {
    if (it->size == size && memcmp(it->name, name, size) == 0) return it;
  }
  return NULL;
}

/* [-0, +0] Reads the object at the top. */
static const char *read_object(
  lua_State *L, struct reading *it, const struct apvl_shape *shape
) {
  int table = lua_gettop(L);
  const struct field *fields = shape->fields;
  const char *problems[MOST_FIELDS];
  for (size_t i = 0; i < MOST_FIELDS; i++) {
    problems[i] = fields[i].optional ? NULL : fields[i].problem;
  }
  for (lua_pushnil(L); lua_next(L, table) != 0;) {
    const struct field *field = NULL;
    if (lua_type(L, -2) == LUA_TSTRING) {
      it->names++;
      field = find_field(L, -2, shape);
    }
    const char *problem = read_entry(L, it, table, field);
    if (field != NULL) problems[field - fields] = problem;
  }
  for (size_t i = 0; i < MOST_FIELDS; i++) {
    if (problems[i] != NULL) return problems[i];
  }
  return shape->check ? shape->check(L) : NULL;
}

/* [-0, +0] Reads the table at the top. */
static const char *read_table(
  lua_State *L, struct reading *it, const struct field *field
) {
  static const struct apvl_shape ANYTHING = {NULL, {{0}}, NULL};
  apvl_reserve(L, 4);
  if (field == NULL) return read_object(L, it, &ANYTHING);
  if (field->kind == LIST) return read_list(L, it, field);
  if (field->kind == OBJECT) return read_object(L, it, field->shape);
  read_object(L, it, &ANYTHING);
  return field->problem;
}

const char *apvl_read_value(
  lua_State *L, long names, const struct apvl_shape *shape
) {
  struct reading it = {0, NULL};
  struct field whole = {NULL, 0, OBJECT, NULL, shape, false};
  if (shape != NULL) whole.problem = shape->problem;
  int type = lua_type(L, -1);
  const char *problem = read_value(L, &it, type, shape ? &whole : NULL);
  if (it.problem != NULL) return it.problem;
  /* lua-cjson keeps the last of two fields of one name. */
  return it.names == names ? problem : "a name comes twice";
}
