/* Loaded before the C library: names that end with ".slow" take SLOW_LOOKUP
** seconds to be looked up, and are this machine. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
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
