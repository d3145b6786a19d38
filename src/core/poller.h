/* For a host's event loop: libcurl's sockets and a timer in one descriptor,
** which is readable when there is something to do. A kind of system is one
** file, poller_epoll.c for example, which is empty on others. */
#ifndef APV_POLLER_H
#define APV_POLLER_H

#include <curl/curl.h>

#include "apv.h"

APV_HIDDEN

/* All zero: off. Must not move while it is on. */
struct apv_poller {
  bool on;
  CURLMcode code; /* how libcurl took it that it was told of it */
  CURL *unwatched; /* whose socket the kernel did not take, or NULL */
  int fd;
  int timer; /* a descriptor, too */
  double timer_at; /* when it fires; INFINITY: never */
  double curl_at; /* when libcurl wants to be called; INFINITY: it does not */
  CURLM *multi;
};

/* Switches a multi handle, which may have sockets already, to the poller.
** APV_UNSUPPORTED: this system has no such thing; APV_NO_MEMORY. */
enum apv_status apv_poller_begin(struct apv_poller *poller, CURLM *multi);
/* Closes the descriptors, if there are any; libcurl is not told. */
void apv_poller_end(struct apv_poller *poller);
/* After a fork: forgets the descriptors, which are the parent's. */
void apv_poller_leave(struct apv_poller *poller);
/* Moves on what has something to do, and stops reading after half a
** millisecond. */
CURLMcode apv_poller_move(struct apv_poller *poller);
/* Waits until there is something, or for that long. */
void apv_poller_wait(const struct apv_poller *poller, int ms);
/* Sees to it that the timer fires at that time or earlier; INFINITY: that it
** does not fire. */
void apv_poller_arm(struct apv_poller *poller, double at);

APV_SHOWN

#endif
