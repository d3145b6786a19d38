/* A file that is to be uploaded, as a Lua value. */
#include <stdio.h>
#include <string.h>

#include "../core/system.h"
#include "binding.h"

/* All zero until the core gave the file. */
struct file_box {
  apv_file *file;
};

apv_file *apvl_test_file(lua_State *L, int index) {
  const struct file_box *box = apvl_test_object(L, index, APVL_FILE);
  return box ? box->file : NULL;
}

/* The stream of an open file of Lua's; NULL: it was closed. */
static FILE *check_stream(lua_State *L, int index) {
#if LUA_VERSION_NUM < 502
  return *(FILE **)luaL_checkudata(L, index, "FILE*");
#else
  const luaL_Stream *it = luaL_checkudata(L, index, LUA_FILEHANDLE);
  return it->closef != NULL ? it->f : NULL;
#endif
}

/* A path with a zero in it would name another file. */
static enum apv_status open_path(
  lua_State *L, struct file_box *box, const char **problem
) {
  size_t size;
  const char *path = lua_tolstring(L, 1, &size);
  *problem = "the path must not hold zeros";
  if (strlen(path) != size) return APV_FILE;
  return apv_file_open(path, &box->file, problem);
}

/* A function of the library that opened the stream. */
static lua_CFunction code_of_stream(lua_State *L, int index) {
  lua_CFunction code = NULL;
  if (luaL_getmetafield(L, index, "__gc")) {
    code = lua_tocfunction(L, -1);
    lua_pop(L, 1);
  }
  return code;
}

static enum apv_status adopt(
  lua_State *L, struct file_box *box, const char **problem
) {
  FILE *stream = check_stream(L, 1);
  int fd;
  if (stream == NULL) return APV_FILE;
  *problem =
    apv_system_stream(stream, (void (*)(void))code_of_stream(L, 1), &fd);
  if (*problem != NULL) return APV_FILE;
  return apv_file_adopt(fd, &box->file, problem);
}

/* core.file(source) → file; or nil and why it cannot be read. source: a path,
** or an open file of Lua's, which stays as it is. */
int apvl_new_file(lua_State *L) {
  const char *problem = "the file is closed";
  enum apv_status status;
  lua_settop(L, 1);
  struct file_box *box = lua_newuserdata(L, sizeof *box);
  memset(box, 0, sizeof *box);
  luaL_setmetatable(L, APVL_FILE);
  if (lua_type(L, 1) == LUA_TSTRING) {
    status = open_path(L, box, &problem);
  } else {
    status = adopt(L, box, &problem);
  }
  if (status == APV_OK) return 1;
  if (status == APV_NO_MEMORY) return apvl_no_memory(L);
  lua_pushnil(L);
  lua_pushstring(L, problem);
  return 2;
}

/* file:identity() → size in bytes, when it was changed last, its inode; the
** latter two as texts, since no number of Lua's need be large enough */
static int file_identity(lua_State *L) {
  char text[64];
  struct file_box *box = luaL_checkudata(L, 1, APVL_FILE);
  if (box->file == NULL) return luaL_error(L, "the file is closed");
  struct apv_identity identity = apv_file_identity(box->file);
  apvl_push_count(L, identity.size);
  snprintf(
    text, sizeof text, "%lld.%09ld", identity.modified, identity.nanoseconds
  );
  lua_pushstring(L, text);
  snprintf(text, sizeof text, "%llu", identity.inode);
  lua_pushstring(L, text);
  return 3;
}

/* file:close(), __gc: parts in flight keep it open. */
static int file_close(lua_State *L) {
  struct file_box *box = luaL_checkudata(L, 1, APVL_FILE);
  apv_file *file = box->file;
  box->file = NULL;
  apv_file_drop(file);
  return 0;
}

static const luaL_Reg methods[] = {
  {"identity", file_identity},
  {"close", file_close},
  {NULL, NULL},
};

static const luaL_Reg metamethods[] = {
  {"__gc", file_close},
  {NULL, NULL},
};

void apvl_open_file(lua_State *L) {
  luaL_newmetatable(L, APVL_FILE);
  luaL_setfuncs(L, metamethods, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pushliteral(L, "apivideo.file");
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}
