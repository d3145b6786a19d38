/* Loaded before the C library: while the file exists that APIVIDEO_REFUSES
** names, the kernel has no room for one more descriptor in an epoll. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

int epoll_ctl(int epoll, int change, int fd, struct epoll_event *event) {
  const char *path = getenv("APIVIDEO_REFUSES");
  if (change == EPOLL_CTL_ADD && path != NULL && access(path, F_OK) == 0) {
    errno = ENOSPC;
    return -1;
  }
  return (int)syscall(SYS_epoll_ctl, epoll, change, fd, event);
}
