/* What a client tells others of its account, see ../core/share.h. Classes are
** numbers: 0 reads, 1 writes, 2 uploads. */
#include "../core/share.h"

#include <string.h>

#include "binding.h"

static enum apv_class check_class(lua_State *L, int index) {
  lua_Integer class = luaL_checkinteger(L, index);
  luaL_argcheck(
    L, class >= 0 && class < APV_CLASS_COUNT, index, "there is no such class"
  );
  return (enum apv_class) class;
}

/* client:account() → what clients of one account have in common */
int apvl_client_account(lua_State *L) {
  char digits[17];
  apv_client_account(apvl_check_client(L), digits);
  lua_pushstring(L, digits);
  return 1;
}

/* client:known(class) → what is known of its limit, as bytes; how many are in
** flight; whether somebody waits to leave */
int apvl_client_known(lua_State *L) {
  struct apv_share share;
  apv_client_share(apvl_check_client(L), check_class(L, 2), &share);
  lua_pushlstring(L, (const char *)&share.known, sizeof share.known);
  lua_pushinteger(L, share.in_flight);
  lua_pushboolean(L, share.waits);
  return 3;
}

/* client:learn(class, bytes) → the most that may be in flight in all clients,
** whether one may leave in any case. nil is nothing new, and so are bytes of
** another build. */
int apvl_client_learn(lua_State *L) {
  apv_client *client = apvl_check_client(L);
  enum apv_class class = check_class(L, 2);
  size_t size = 0;
  const char *bytes = luaL_optlstring(L, 3, NULL, &size);
  struct apv_known known;
  struct apv_share share;
  if (bytes != NULL && size == sizeof known) {
    memcpy(&known, bytes, sizeof known);
    apv_client_learn(client, class, &known);
  }
  apv_client_share(client, class, &share);
  lua_pushnumber(L, (lua_Number)share.most);
  lua_pushboolean(L, share.over);
  return 2;
}

/* client:grant(class, count, elsewhere): see apv_client_grant() */
int apvl_client_grant(lua_State *L) {
  apv_client *client = apvl_check_client(L);
  enum apv_class class = check_class(L, 2);
  long long count = (long long)luaL_checknumber(L, 3);
  apv_client_grant(client, class, count, (long long)luaL_checknumber(L, 4));
  return 0;
}
