/* Locks on files: who has one tells others, by being there, to keep away. */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "binding.h"

/* Whether the path still leads to what is open: another one may have put a
** file in its place. */
static bool is_there(const char *path, int fd) {
  struct stat ours, theirs;
  if (fstat(fd, &ours) != 0 || stat(path, &theirs) != 0) return false;
  return ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

/* core.lock(path) → a descriptor that holds the lock of the file, which is made
** if it is not there; false: another one has it; nil and what is wrong. A file
** system without locks gives everybody one. */
int apvl_lock(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd < 0) {
    lua_pushnil(L);
    lua_pushfstring(L, "%s: %s", path, strerror(errno));
    return 2;
  }
  bool busy = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (busy || !is_there(path, fd)) {
    close(fd);
    lua_pushboolean(L, false);
  } else {
    lua_pushinteger(L, fd);
  }
  return 1;
}

/* core.unlock(fd) */
int apvl_unlock(lua_State *L) {
  close((int)luaL_checkinteger(L, 1));
  return 0;
}
