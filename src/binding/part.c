/* From a Lua table to a part of an upload. */
#include <math.h>
#include <string.h>

#include "binding.h"

static const char *const names[] = {
  "source", "offset", "size",     "file_name", "video_id",
  "number", "total",  "repeated", NULL,
};

/* A number of bytes. */
static long long bytes_field(
  lua_State *L, int index, struct apvl_place place, const char *name
) {
  lua_getfield(L, index, name);
  double number = lua_tonumber(L, -1);
  bool allowed = lua_type(L, -1) == LUA_TNUMBER && number >= 0 &&
                 number <= (double)APV_LARGEST_OFFSET &&
                 floor(number) == number;
  if (!allowed) {
    apvl_misuse(
      L, place, "%s must be a number of bytes, got %s", name,
      apvl_describe(L, -1)
    );
  }
  lua_pop(L, 1);
  return (long long)number;
}

/* The bytes of a source that is text must be there. */
static void check_range(
  lua_State *L, struct apvl_place place, const struct apv_part *part,
  size_t size
) {
  if (part->size < 1) apvl_misuse(L, place, "size must be 1 or more, got 0");
  bool inside =
    part->data == NULL || (part->offset <= (long long)size &&
                           part->size <= (long long)size - part->offset);
  if (!inside) apvl_misuse(L, place, "the part is not inside of its source");
}

static void check_names(
  lua_State *L, struct apvl_place place, const struct apv_part *part
) {
  const char *name = part->file_name;
  const char *id = part->video_id;
  if (name == NULL || !apv_file_name_is_valid(name, strlen(name))) {
    apvl_misuse(L, place, "file_name must be 1 to 255 bytes without / and \\");
  }
  if (id != NULL && !apv_token_is_valid(id, strlen(id))) {
    apvl_misuse(L, place, "video_id must be 1 to 128 of A-Z a-z 0-9 _ -");
  }
}

void apvl_read_part(
  lua_State *L, int index, int source, struct apvl_place place,
  struct apv_request *request
) {
  size_t size = 0;
  apvl_check_table(L, index, place, "the part must be a table");
  apvl_check_names(L, index, place, names);
  struct apv_part *part = lua_newuserdata(L, sizeof *part);
  memset(part, 0, sizeof *part);
  lua_getfield(L, index, "source");
  lua_replace(L, source);
  part->file = apvl_test_file(L, source);
  if (lua_type(L, source) == LUA_TSTRING) {
    part->data = lua_tolstring(L, source, &size);
  }
  if (part->file == NULL && part->data == NULL) {
    apvl_misuse(
      L, place,
      "source must be an open file of core.file() or a string, got %s",
      apvl_describe(L, source)
    );
  }
  part->offset = bytes_field(L, index, place, "offset");
  part->size = bytes_field(L, index, place, "size");
  check_range(L, place, part, size);
  part->file_name = apvl_text_option(L, index, place, "file_name");
  part->video_id = apvl_text_option(L, index, place, "video_id");
  check_names(L, place, part);
  part->number =
    (int)apvl_number_option(L, index, place, "number", 0, 1, APV_MOST_PARTS);
  part->total =
    (int)apvl_number_option(L, index, place, "total", 0, 1, APV_MOST_PARTS);
  if (part->total > 0 && (part->number < 1 || part->number > part->total)) {
    apvl_misuse(L, place, "number must be from 1 to total");
  }
  lua_getfield(L, index, "repeated");
  part->repeated = lua_toboolean(L, -1);
  request->part = part;
}

void apvl_check_source(
  lua_State *L, int source, const struct apv_request *request
) {
  if (request->part == NULL || request->part->file == NULL) return;
  if (apvl_test_file(L, source) != request->part->file) {
    luaL_error(L, "the file was closed while its part was read");
  }
}
