/* What the library stands on. */
#include "binding.h"

/* core.library() → { curl =, tls =, http2 =, threaded_lookup =, ca_file = },
** see apv.h */
int apvl_library(lua_State *L) {
  struct apv_library library;
  apv_library(&library);
  lua_newtable(L);
  lua_pushstring(L, library.curl);
  lua_setfield(L, -2, "curl");
  lua_pushstring(L, library.tls); /* NULL pushes nil */
  lua_setfield(L, -2, "tls");
  lua_pushboolean(L, library.http2);
  lua_setfield(L, -2, "http2");
  lua_pushboolean(L, library.threaded_lookup);
  lua_setfield(L, -2, "threaded_lookup");
  lua_pushstring(L, library.ca_file);
  lua_setfield(L, -2, "ca_file");
  return 1;
}
