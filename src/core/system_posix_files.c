/* POSIX systems: files. */
#ifndef _WIN32

#include "posix.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "system.h"

/* Negative when a file beyond 2 GiB cannot be read. */
typedef char offsets_have_64_bits[sizeof(off_t) >= 8 ? 1 : -1];

static struct apv_system_state state_of(const struct stat *found) {
  return (struct apv_system_state){
    .identity =
      {
        .device = (unsigned long long)found->st_dev,
        .inode = (unsigned long long)found->st_ino,
        .size = (long long)found->st_size,
#ifdef __APPLE__
        .modified = (long long)found->st_mtimespec.tv_sec,
        .nanoseconds = found->st_mtimespec.tv_nsec,
#else
        .modified = (long long)found->st_mtim.tv_sec,
        .nanoseconds = found->st_mtim.tv_nsec,
#endif
      },
    .regular = S_ISREG(found->st_mode),
    .directory = S_ISDIR(found->st_mode),
    .pipe = S_ISFIFO(found->st_mode) || S_ISSOCK(found->st_mode) ||
            S_ISCHR(found->st_mode),
    .linked = found->st_nlink > 0,
  };
}

/* Without waiting for whoever writes, were it a pipe. */
const char *apv_system_open(const char *path, int *fd) {
  *fd = apv_system_above_standard(
    open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
  );
  return *fd < 0 ? strerror(errno) : NULL;
}

const char *apv_system_duplicate(int fd, int *own) {
  *own = -1;
  int mode = fcntl(fd, F_GETFL);
  if (mode < 0) return strerror(errno);
  if ((mode & O_ACCMODE) == O_WRONLY) return "it is not open for reading";
  *own = apv_system_above_standard(fcntl(fd, F_DUPFD_CLOEXEC, 0));
  return *own < 0 ? strerror(errno) : NULL;
}

const char *apv_system_look(int fd, struct apv_system_state *state) {
  struct stat found;
  if (fstat(fd, &found) != 0) return strerror(errno);
  *state = state_of(&found);
  return NULL;
}

const char *apv_system_look_at(
  const char *path, struct apv_system_state *state
) {
  struct stat found;
  if (stat(path, &found) != 0) return strerror(errno);
  *state = state_of(&found);
  return NULL;
}

const char *apv_system_read(int fd, char *out, size_t *size, long long offset) {
  ssize_t count;
  do {
    count = pread(fd, out, *size, (off_t)offset);
  } while (count < 0 && errno == EINTR);
  *size = count > 0 ? (size_t)count : 0;
  return count < 0 ? strerror(errno) : NULL;
}

void apv_system_close(int fd) {
  close(fd);
}

const char *apv_system_read_pipe(
  int fd, char *out, size_t *size, double seconds, bool *has_ended
) {
  struct pollfd source = {.fd = fd, .events = POLLIN};
  ssize_t count = poll(&source, 1, (int)(seconds * 1000));
  *has_ended = false;
  if (count > 0) {
    count = read(fd, out, *size);
    *has_ended = count == 0;
  }
  *size = count > 0 ? (size_t)count : 0;
  bool is_over = count < 0 && errno != EINTR && errno != EAGAIN;
  return is_over ? strerror(errno) : NULL;
}

/* Whether the path still leads to what is open: another one may have put a
** file in its place. */
static bool is_there(const char *path, int fd) {
  struct stat ours, theirs;
  if (fstat(fd, &ours) != 0 || stat(path, &theirs) != 0) return false;
  return ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

const char *apv_system_lock_file(const char *path, int *fd) {
  *fd =
    apv_system_above_standard(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666));
  if (*fd < 0) return strerror(errno);
  bool busy = flock(*fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  if (busy || !is_there(path, *fd)) {
    close(*fd);
    *fd = -1;
  }
  return NULL;
}

void apv_system_unlock_file(int fd) {
  close(fd);
}

bool apv_system_is_absolute(const char *path) {
  return *path == '/';
}

const char *apv_system_stream(FILE *stream, void (*code)(void), int *fd) {
  (void)code;
  *fd = fileno(stream);
  return NULL;
}

size_t apv_system_utf8(const char *path, char *out, size_t size) {
  (void)path;
  (void)out;
  (void)size;
  return 0;
}

size_t apv_system_native(const char *path, char *out, size_t size) {
  (void)path;
  (void)out;
  (void)size;
  return 0;
}

#endif
