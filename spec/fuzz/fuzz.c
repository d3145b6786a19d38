#include "fuzz.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fuzz_broken(const char *promise, const char *file, int line) {
  fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, promise);
  abort();
}

char *fuzz_take_text(struct apv_slice *input) {
  size_t size = 0;
  while (size < input->size && input->data[size] != '\0') size++;
  char *text = malloc(size + 1);
  if (text == NULL) abort();
  if (size > 0) memcpy(text, input->data, size);
  text[size] = '\0';
  if (size < input->size) size++;
  if (size > 0) input->data += size;
  input->size -= size;
  return text;
}

unsigned fuzz_take_byte(struct apv_slice *input) {
  if (input->size == 0) return 0;
  input->size--;
  return (unsigned char)*input->data++;
}

bool fuzz_is_readable(struct apv_slice text) {
  return apv_text_is_valid(text.data, text.size);
}

bool fuzz_holds(struct apv_slice text, const char *part) {
  size_t size = strlen(part);
  for (size_t i = 0; i + size <= text.size; i++) {
    if (memcmp(text.data + i, part, size) == 0) return true;
  }
  return false;
}

int luaopen_apivideo_core(lua_State *L);

lua_State *fuzz_lua(void) {
  static lua_State *L;
  if (L != NULL) return L;
  L = luaL_newstate();
  luaL_openlibs(L);
  luaL_requiref(L, "apivideo.core", luaopen_apivideo_core, 0);
  fuzz_settle(L);
  return L;
}

void fuzz_settle(lua_State *L) {
  lua_settop(L, 0);
  lua_gc(L, LUA_GCCOLLECT, 0);
}
