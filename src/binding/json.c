/* JSON, by an instance of lua-cjson that is ours alone, so that the host's
** settings and ours never meet. */
#include <locale.h>
#include <string.h>

#include "../core/memory.h"
#include "../core/system.h"
#include "binding.h"

static const char NEW[] = "apivideo.json.new"; /* lua-cjson's function */
static const char DECODE[] = "apivideo.json.decode";

enum { SMALL = 512 };

/* Calls the instance's function `name` with one value: [-1, +0]. */
static void configure(lua_State *L, int instance, const char *name) {
  lua_getfield(L, instance, name);
  lua_insert(L, -2);
  lua_call(L, 1, 0);
}

/* decode() → value. The upvalues are where its text is, as a struct apv_slice,
** and the instance's function. LuaJIT on arm64 has no light userdata for what
** is on C's stack. */
static int decode(lua_State *L) {
  const struct apv_slice *text = lua_touserdata(L, lua_upvalueindex(1));
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_pushlstring(L, text->data, text->size);
  lua_call(L, 1, 1);
  return 1;
}

/* [-0, +1] Pushes that function; returns its text. A finalizer may decode
** another one, so it is to be set right before the call. */
static struct apv_slice *push_decode(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, DECODE);
  lua_getupvalue(L, -1, 1);
  struct apv_slice *text = lua_touserdata(L, -1);
  lua_pop(L, 1);
  return text;
}

/* [-0, +0] Decodes with a new instance from now on. */
static void renew_instance(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, NEW);
  lua_call(L, 0, 1);
  int instance = lua_gettop(L);
  lua_pushinteger(L, APVL_MOST_DEPTH);
  configure(L, instance, "decode_max_depth");
  lua_pushboolean(L, 0);
  configure(L, instance, "decode_invalid_numbers");
  *(struct apv_slice *)lua_newuserdata(L, sizeof(struct apv_slice)) =
    (struct apv_slice){NULL, 0};
  lua_getfield(L, instance, "decode");
#if LUA_VERSION_NUM < 502
  /* As this module, see there. */
  apv_system_keep_loaded((void (*)(void))lua_tocfunction(L, -1));
#endif
  lua_pushcclosure(L, decode, 2);
  lua_setfield(L, LUA_REGISTRYINDEX, DECODE);
  lua_pop(L, 1);
}

void apvl_open_json(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "cjson");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "new");
  lua_setfield(L, LUA_REGISTRYINDEX, NEW);
  lua_pop(L, 1);
  renew_instance(L);
}

/* Whether the error at the top is lua-cjson's own. */
static bool is_about_json(lua_State *L) {
  static const char *const starts[] = {"Expected ", "Found ", "JSON "};
  if (lua_type(L, -1) != LUA_TSTRING) return false;
  const char *message = lua_tostring(L, -1);
  for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
    if (strncmp(message, starts[i], strlen(starts[i])) == 0) return true;
  }
  return false;
}

static const char NOT_JSON[] = "it is not JSON";

/* strtod(), which lua-cjson calls, asks the locale, which a host may change at
** any time: where it has a decimal comma, "1,2" would be one number. */
static bool has_decimal_comma(void) {
  return localeconv()->decimal_point[0] != '.';
}

/* [-0, +1] The value of a text that is not empty, as lua-cjson decodes it, or
** what is wrong, and then pushes anything. `mended`: after apvl_mend().
** `*names` is how many names of fields there are. */
static const char *push_decoded(
  lua_State *L, struct apv_slice text, bool mended, long *names
) {
  char small[2 * SMALL]; /* a token takes no memory but this */
  char *out = small;
  struct apv_slice renamed;
  struct apv_slice *decoded = push_decode(L);
  if (text.size > SMALL) out = apv_allocate_raw(2 * text.size);
  if (out == NULL) apvl_no_memory(L);
  renamed.data = out;
  const char *problem =
    apvl_rename(text, has_decimal_comma(), out, &renamed.size, names);
  int status = 0;
  if (problem == NULL) {
    if (mended) apvl_mend(out, renamed.size);
    *decoded = renamed;
    status = lua_pcall(L, 0, 1, 0);
  }
  if (out != small) {
    apv_release(out, renamed.size);
  } else {
    apv_wipe(small, renamed.size);
  }
  if (status == 0) return problem;
  if (is_about_json(L)) return NOT_JSON;
  lua_error(L); /* no memory, an interrupt, an error of a hook */
  return NULL;
}

/* The same, of what lua-cjson refuses, too. It takes no half of a pair, and
** replaces the point of numbers by that of the locale in which an instance was
** made last, ours or the host's: one that is made now knows the locale of
** now. */
static const char *push_decoded_anyway(
  lua_State *L, struct apv_slice text, long *names
) {
  const char *problem = push_decoded(L, text, false, names);
  if (problem != NOT_JSON) return problem;
  lua_pop(L, 1);
  renew_instance(L);
  return push_decoded(L, text, true, names);
}

static struct apv_slice without_byte_order_mark(struct apv_slice text) {
  static const char mark[] = "\xEF\xBB\xBF";
  if (text.size >= 3 && memcmp(text.data, mark, 3) == 0) {
    text.data += 3;
    text.size -= 3;
  }
  return text;
}

const char *apvl_decode(
  lua_State *L, struct apv_slice text, const struct apvl_shape *shape
) {
  long names = 0;
  text = without_byte_order_mark(text);
  if (text.size == 0) {
    lua_pushnil(L);
    return "it is empty";
  }
  const char *problem = push_decoded_anyway(L, text, &names);
  if (problem == NULL) problem = apvl_read_answer(L, text, names, shape);
  if (problem == NULL) return NULL;
  lua_pop(L, 1);
  lua_pushnil(L);
  return problem;
}

void apvl_push_object(lua_State *L, const char *name, const char *text) {
  luaL_Buffer json;
  luaL_buffinit(L, &json);
  luaL_addstring(&json, "{\"");
  luaL_addstring(&json, name);
  luaL_addstring(&json, "\":\"");
  for (; *text != '\0'; text++) {
    if (*text == '"' || *text == '\\') luaL_addchar(&json, '\\');
    luaL_addchar(&json, *text);
  }
  luaL_addstring(&json, "\"}");
  luaL_pushresult(&json);
}
