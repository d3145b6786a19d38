/* What the command line needs of its process, and Lua itself has not: pipes
** that keep nobody waiting, and signals that end it as Ctrl-C does. */
#include "../core/system.h"
#include "binding.h"

#define LONGEST_READ 1048576 /* bytes */

static int push_problem(lua_State *L, const char *problem) {
  lua_pushnil(L);
  lua_pushstring(L, problem);
  return 2;
}

/* core.is_pipe(source) → whether a pipe is there, or what is read like
** one: a socket, a device. source: a path, or a descriptor */
int apvl_is_pipe(lua_State *L) {
  struct apv_system_state state;
  const char *problem = lua_type(L, 1) == LUA_TNUMBER
                          ? apv_system_look((int)lua_tointeger(L, 1), &state)
                          : apv_system_look_at(luaL_checkstring(L, 1), &state);
  lua_pushboolean(L, problem == NULL && state.pipe);
  return 1;
}

/* core.open_pipe(path) → a descriptor, which stays open as long as the process
** is; or nil and why not. It does not wait for somebody who writes. */
int apvl_open_pipe(lua_State *L) {
  int fd;
  const char *problem = apv_system_open(luaL_checkstring(L, 1), &fd);
  if (problem != NULL) return push_problem(L, problem);
  lua_pushinteger(L, fd);
  return 1;
}

/* core.read(fd, size, seconds) → up to so many bytes; "": nothing came within
** that time, or a signal did; nil: it has ended; nil and why it cannot be read
*/
int apvl_read(lua_State *L) {
  int fd = (int)luaL_checkinteger(L, 1);
  lua_Integer most = luaL_checkinteger(L, 2);
  double seconds = apvl_check_seconds(L, 3);
  if (most < 1 || most > LONGEST_READ) most = LONGEST_READ;
  size_t size = (size_t)most;
  bool has_ended;
  char *bytes = lua_newuserdata(L, size);
  const char *problem =
    apv_system_read_pipe(fd, bytes, &size, seconds, &has_ended);
  if (problem != NULL) return push_problem(L, problem);
  if (has_ended) return 0;
  lua_pushlstring(L, bytes, size);
  return 1;
}

/* core.heed_signals(): from here on SIGTERM and SIGHUP are to the process what
** SIGINT is, of which the interpreter makes an error where Lua runs; a write
** that nobody reads any more fails, and core.signal() tells of SIGPIPE. */
int apvl_heed_signals(lua_State *L) {
  (void)L;
  apv_system_heed_signals();
  return 0;
}

/* core.signal() → the number and the name of the signal of these that came
** last; nil: none did */
int apvl_signal(lua_State *L) {
  const char *name;
  int number = apv_system_signal(&name);
  if (number == 0) return 0;
  lua_pushinteger(L, number);
  lua_pushstring(L, name);
  return 2;
}
