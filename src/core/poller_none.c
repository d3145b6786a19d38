/* Systems without a descriptor of descriptors: their hosts step on a timer. */
#ifndef __linux__

#include "poller.h"

enum apv_status apv_poller_begin(struct apv_poller *poller, CURLM *multi) {
  (void)poller;
  (void)multi;
  return APV_UNSUPPORTED;
}

void apv_poller_end(struct apv_poller *poller) {
  (void)poller;
}

void apv_poller_leave(struct apv_poller *poller) {
  (void)poller;
}

CURLMcode apv_poller_move(struct apv_poller *poller) {
  (void)poller;
  return CURLM_INTERNAL_ERROR;
}

void apv_poller_wait(const struct apv_poller *poller, int ms) {
  (void)poller;
  (void)ms;
}

void apv_poller_arm(struct apv_poller *poller, double at) {
  (void)poller;
  (void)at;
}

#endif
