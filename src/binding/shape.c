/* Answers after they were decoded, in one pass: numbers and null in our terms,
** and whether everything is there, since half a token or a page without a total
** would fail the caller later and elsewhere. */
#include <math.h>
#include <string.h>

#include "binding.h"

/* No number of the service is larger: times to live, totals, lifetimes. */
static const double LARGEST = 2147483647;

enum { MOST_FIELDS = 6 };

/* Negative when a table of fields is larger. */
#define CHECK_FIELDS(table) \
  typedef char \
    table##_fit[sizeof(table) / sizeof *(table) <= MOST_FIELDS + 1 ? 1 : -1]

enum kind {
  TEXT,
  COUNT, /* an integer from 0 to LARGEST */
  ID, /* of tokens and of videos, which are written alike */
  CREDENTIAL, /* text without control characters, and not empty */
  OBJECT,
  LIST
};

struct apvl_shape {
  enum kind kind;
  const char *problem; /* with what is of another kind, or missing */
  bool optional; /* null is as good */
  const struct field *fields; /* of an object, which may have more */
  const struct apvl_shape *items; /* of a list, or NULL: anything */
  /* [-0, +0] What is wrong with the object at the top, whose fields are good,
  ** or NULL. */
  const char *(*check)(lua_State *L);
};

/* Fields end with one that has no name. */
struct field {
  const char *name;
  size_t size; /* of the name */
  struct apvl_shape shape;
};

#define NAME(name) (name), sizeof(name) - 1

/* --- the service's objects ------------------------------------------------ */

static const struct field token_fields[] = {
  {NAME("token"), {.kind = ID, .problem = "a token has no valid token"}},
  {NAME("ttl"), {.kind = COUNT, .problem = "a token has no valid ttl"}},
  {NAME("created_at"),
   {.kind = TEXT, .problem = "a token has no valid createdAt"}},
  {NAME("expires_at"),
   {.kind = TEXT,
    .problem = "a token has no valid expiresAt",
    .optional = true}},
  {0},
};

CHECK_FIELDS(token_fields);

static const struct apvl_shape token = {
  .kind = OBJECT,
  .problem = "a token is not an object",
  .fields = token_fields,
};

static const char NO_TOTALS[] = "the pagination has no valid totals";

static const struct field pagination_fields[] = {
  {NAME("current_page"), {.kind = COUNT, .problem = NO_TOTALS}},
  {NAME("current_page_items"), {.kind = COUNT, .problem = NO_TOTALS}},
  {NAME("page_size"), {.kind = COUNT, .problem = NO_TOTALS}},
  {NAME("pages_total"), {.kind = COUNT, .problem = NO_TOTALS}},
  {NAME("items_total"), {.kind = COUNT, .problem = NO_TOTALS}},
  {NAME("links"),
   {.kind = LIST, .problem = "the pagination has no list of links"}},
  {0},
};

CHECK_FIELDS(pagination_fields);

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

static const struct field page_fields[] = {
  {NAME("data"),
   {.kind = LIST, .problem = "data is not a list", .items = &token}},
  {NAME("pagination"),
   {.kind = OBJECT,
    .problem = "there is no pagination",
    .fields = pagination_fields}},
  {0},
};

CHECK_FIELDS(page_fields);

static const struct apvl_shape page = {
  .kind = OBJECT,
  .problem = "a page is not an object",
  .fields = page_fields,
  .check = check_page,
};

/* Of a video that has only some of its parts there is little more. */
static const struct field video_fields[] = {
  {NAME("video_id"), {.kind = ID, .problem = "a video has no valid videoId"}},
  {0},
};

CHECK_FIELDS(video_fields);

static const struct apvl_shape video = {
  .kind = OBJECT,
  .problem = "a video is not an object",
  .fields = video_fields,
};

static const struct field access_fields[] = {
  {NAME("access_token"),
   {.kind = CREDENTIAL, .problem = "there is no access token"}},
  {NAME("refresh_token"),
   {.kind = CREDENTIAL, .problem = "there is no refresh token"}},
  {NAME("expires_in"), {.kind = COUNT, .problem = "there is no lifetime"}},
  {0},
};

CHECK_FIELDS(access_fields);

static const struct apvl_shape access_token = {
  .kind = OBJECT,
  .problem = "the access token is not an object",
  .fields = access_fields,
};

const struct apvl_shape *apvl_shape_of(enum apv_operation operation) {
  switch (operation) {
    case APV_CREATE_TOKEN:
    case APV_GET_TOKEN: return &token;
    case APV_LIST: return &page;
    case APV_AUTHENTICATE:
    case APV_REFRESH: return &access_token;
    case APV_UPLOAD: return &video;
    case APV_DELETE_TOKEN:
    case APV_OPERATION_COUNT: break;
  }
  return NULL;
}

/* --- values --------------------------------------------------------------- */

struct reading {
  long names; /* of fields, so far */
};

/* Whether the text at the top is of a kind. Where a character was lost, as
** apvl_mend() has it, none is. */
static bool text_fits(lua_State *L, enum kind kind) {
  size_t size;
  const char *text = lua_tolstring(L, -1, &size);
  if (strstr(text, "\xEF\xBF\xBD") != NULL) return false;
  if (kind == TEXT) return true;
  if (kind == ID) return apv_token_is_valid(text, size);
  return kind == CREDENTIAL && size > 0 && apv_text_is_valid(text, size);
}

static bool is_count(double number) {
  return number >= 0 && number <= LARGEST && floor(number) == number;
}

/* [-1, +1] Makes the number at the top an integer, if it is whole, exact and
** where Lua has them, and a float otherwise; lua-cjson gives one or the other,
** depending on its version. */
static void convert_number(lua_State *L, double number) {
#if LUA_VERSION_NUM >= 503
  /* From 2^53 on a double may stand for several integers. */
  static const double LARGEST_INTEGER = 9007199254740992.0;
  bool whole = floor(number) == number && fabs(number) < LARGEST_INTEGER;
  lua_pop(L, 1);
  if (whole) {
    lua_pushinteger(L, (lua_Integer)number);
  } else {
    lua_pushnumber(L, number);
  }
#else
  (void)L;
  (void)number;
#endif
}

static const char *read_table(
  lua_State *L, struct reading *it, const struct apvl_shape *shape
);

/* [-1, +1] Converts the value at the top, which is of a Lua type. NULL, or what
** is wrong with it, unless any is good (`shape` is NULL). */
static const char *read_value(
  lua_State *L, struct reading *it, int type, const struct apvl_shape *shape
) {
  bool good = false;
  if (type == LUA_TTABLE) return read_table(L, it, shape);
  if (type == LUA_TSTRING) {
    good = shape != NULL && text_fits(L, shape->kind);
  } else if (type == LUA_TNUMBER) {
    double number = lua_tonumber(L, -1);
    convert_number(L, number);
    good = shape != NULL && shape->kind == COUNT && is_count(number);
  } else if (type == LUA_TLIGHTUSERDATA) { /* cjson.null */
    lua_pop(L, 1);
    lua_pushnil(L);
    good = shape != NULL && shape->optional;
  }
  return good || shape == NULL ? NULL : shape->problem;
}

/* [-1, +0] The same with the value of the key below it, in `table`. */
static const char *read_entry(
  lua_State *L, struct reading *it, int table, const struct apvl_shape *shape
) {
  int type = lua_type(L, -1);
  const char *problem = read_value(L, it, type, shape);
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
  lua_State *L, struct reading *it, const struct apvl_shape *shape
) {
  int table = lua_gettop(L);
  const char *problem = NULL;
  for (lua_pushnil(L); lua_next(L, table) != 0;) {
    bool is_item = lua_type(L, -2) == LUA_TNUMBER;
    if (!is_item) it->names++;
    const char *its = read_entry(L, it, table, is_item ? shape->items : NULL);
    if (!is_item) problem = shape->problem;
    if (problem == NULL) problem = its;
  }
  return problem;
}

/* The field that the key at `index`, a string, names, or NULL. */
static const struct field *find_field(
  lua_State *L, int index, const struct field *fields
) {
  size_t size;
  const char *name = lua_tolstring(L, index, &size);
  for (const struct field *it = fields; it->name != NULL; it++) {
    if (it->size == size && memcmp(it->name, name, size) == 0) return it;
  }
  return NULL;
}

/* [-0, +0] Reads the object at the top, or a list of anything. NULL, or the
** first problem in the order of the fields. */
static const char *read_object(
  lua_State *L, struct reading *it, const struct field *fields
) {
  int table = lua_gettop(L), count = 0;
  const char *problems[MOST_FIELDS];
  for (; fields[count].name != NULL; count++) {
    const struct apvl_shape *shape = &fields[count].shape;
    problems[count] = shape->optional ? NULL : shape->problem;
  }
  for (lua_pushnil(L); lua_next(L, table) != 0;) {
    const struct field *field = NULL;
    if (lua_type(L, -2) == LUA_TSTRING) {
      it->names++;
      field = find_field(L, -2, fields);
    }
    const char *problem =
      read_entry(L, it, table, field ? &field->shape : NULL);
    if (field != NULL) problems[field - fields] = problem;
  }
  for (int i = 0; i < count; i++) {
    if (problems[i] != NULL) return problems[i];
  }
  return NULL;
}

/* [-0, +0] Reads the table at the top. */
static const char *read_table(
  lua_State *L, struct reading *it, const struct apvl_shape *shape
) {
  static const struct field any[] = {{0}};
  apvl_reserve(L, 4);
  if (shape != NULL && shape->kind == LIST) return read_list(L, it, shape);
  if (shape != NULL && shape->kind == OBJECT) {
    const char *problem = read_object(L, it, shape->fields);
    return problem || !shape->check ? problem : shape->check(L);
  }
  read_object(L, it, any);
  return shape ? shape->problem : NULL;
}

/* The name of a field that an answer of the service must have; its number, or
** below 0. */
static int is_known(struct apv_slice name) {
  static const struct field *const all[] = {
    token_fields, pagination_fields, page_fields, video_fields, access_fields};
  int number = 0;
  for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
    for (const struct field *it = all[i]; it->name != NULL; it++, number++) {
      if (it->size == name.size && memcmp(it->name, name.data, it->size) == 0) {
        return number;
      }
    }
  }
  return -1;
}

const char *apvl_read_answer(
  lua_State *L, struct apv_slice json, long names,
  const struct apvl_shape *shape
) {
  struct reading it = {0};
  const char *problem = read_value(L, &it, lua_type(L, -1), shape);
  /* lua-cjson keeps the last of two fields of one name. */
  return it.names == names || problem != NULL || shape == NULL ? problem
         : apvl_repeats(json, is_known) ? "a name comes twice"
                                        : NULL;
}
