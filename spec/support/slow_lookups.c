/* Loaded before the C library: names that end with ".slow" take SLOW_LOOKUP
** seconds to be looked up, and are this machine. With OLD_LIBCURL libcurl takes
** itself for 7.86, which waits for a lookup that is given up. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

int getaddrinfo(
  const char *name, const char *port, const struct addrinfo *hints,
  struct addrinfo **addresses
) {
  static const char END[] = ".slow";
  __typeof__(&getaddrinfo) real =
    (__typeof__(&getaddrinfo))dlsym(RTLD_NEXT, "getaddrinfo");
  size_t size = name != NULL ? strlen(name) : 0, length = sizeof END - 1;
  if (size > length && strcmp(name + size - length, END) == 0) {
    usleep((useconds_t)(atof(getenv("SLOW_LOOKUP")) * 1e6));
    name = "127.0.0.1";
  }
  return real(name, port, hints, addresses);
}

curl_version_info_data *curl_version_info(CURLversion now) {
  static curl_version_info_data info;
  void *libcurl = dlopen("libcurl.so.4", RTLD_LAZY);
  __typeof__(&curl_version_info) real =
    (__typeof__(&curl_version_info))dlsym(libcurl, "curl_version_info");
  info = *real(now);
  if (getenv("OLD_LIBCURL") != NULL) info.version_num = 0x075600;
  return &info;
}

/* None of ours is one of the standard descriptors: whoever uses one has it from
** a client that is gone. */
int epoll_ctl(int epoll, int change, int fd, struct epoll_event *event) {
  __typeof__(&epoll_ctl) real =
    (__typeof__(&epoll_ctl))dlsym(RTLD_NEXT, "epoll_ctl");
  if (epoll <= STDERR_FILENO) abort();
  return real(epoll, change, fd, event);
}
