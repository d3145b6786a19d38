/* What the command line needs of its process, and Lua itself has not: pipes
** that keep nobody waiting, and signals that end it as Ctrl-C does. */
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binding.h"

#define LONGEST_READ 1048576 /* bytes */

static int push_errno(lua_State *L) {
  lua_pushnil(L);
  lua_pushstring(L, strerror(errno));
  return 2;
}

/* core.is_pipe(source) → whether a pipe is there, or what is read like
** one: a socket, a device. source: a path, or a descriptor */
int apvl_is_pipe(lua_State *L) {
  struct stat status = {0};
  int result = lua_type(L, 1) == LUA_TNUMBER
                 ? fstat((int)lua_tointeger(L, 1), &status)
                 : stat(luaL_checkstring(L, 1), &status);
  mode_t mode = status.st_mode;
  lua_pushboolean(
    L, result == 0 && (S_ISFIFO(mode) || S_ISSOCK(mode) || S_ISCHR(mode))
  );
  return 1;
}

/* core.open_pipe(path) → a descriptor, which stays open as long as the process
** is; or nil and why not. It does not wait for somebody who writes. */
int apvl_open_pipe(lua_State *L) {
  int fd = open(luaL_checkstring(L, 1), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0) return push_errno(L);
  lua_pushinteger(L, fd);
  return 1;
}

/* core.read(fd, size, seconds) → up to so many bytes; "": nothing came within
** that time, or a signal did; nil: it has ended; nil and why it cannot be read
*/
int apvl_read(lua_State *L) {
  struct pollfd source = {.fd = (int)luaL_checkinteger(L, 1), .events = POLLIN};
  lua_Integer size = luaL_checkinteger(L, 2);
  int milliseconds = (int)(luaL_checknumber(L, 3) * 1000);
  if (size < 1 || size > LONGEST_READ) size = LONGEST_READ;
  void *bytes = lua_newuserdata(L, (size_t)size);
  ssize_t count = poll(&source, 1, milliseconds);
  if (count > 0) {
    count = read(source.fd, bytes, (size_t)size);
    if (count == 0) return 0;
  }
  if (count < 0 && errno != EINTR && errno != EAGAIN) return push_errno(L);
  lua_pushlstring(L, bytes, count > 0 ? (size_t)count : 0);
  return 1;
}

/* --- signals -------------------------------------------------------------- */

static volatile sig_atomic_t caught;

/* The interpreter makes of SIGINT an error where Lua runs. */
static void forward(int number) {
  caught = number;
  raise(SIGINT);
}

/* core.heed_signals(): from here on SIGTERM and SIGHUP are to the process what
** SIGINT is. Whoever has them ignored, as nohup has, keeps that. */
int apvl_heed_signals(lua_State *L) {
  static const int numbers[] = {SIGTERM, SIGHUP};
  (void)L;
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    struct sigaction action;
    if (sigaction(numbers[i], NULL, &action) != 0) continue;
    if (action.sa_handler == SIG_IGN) continue;
    memset(&action, 0, sizeof action);
    action.sa_handler = forward;
    sigemptyset(&action.sa_mask);
    sigaction(numbers[i], &action, NULL);
  }
  return 0;
}

/* core.signal() → the number and the name of the signal of these that came
** last; nil: none did */
int apvl_signal(lua_State *L) {
  if (caught == 0) return 0;
  lua_pushinteger(L, caught);
  lua_pushstring(L, caught == SIGHUP ? "SIGHUP" : "SIGTERM");
  return 2;
}
