/* So many calls in flight, as lean as libcurl can: handles that are set up once
** and go back as soon as they are done. */
#ifndef MANY_H
#define MANY_H

#include "request.h"

/* Both may be NULL. */
struct many {
  void (*prepare)(CURL *easy); /* before its first transfer */
  void (*done)(CURL *easy, void *context); /* after each */
  void *context;
};

void many_run(const char *url, int calls, int at_once, const struct many *it);

#endif
