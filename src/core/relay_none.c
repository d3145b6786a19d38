/* Systems without one: hosts look every few milliseconds. */
#ifndef __linux__

#include "relay.h"

enum apv_status apv_relay_new(struct apv_relay **out) {
  *out = NULL;
  return APV_UNSUPPORTED;
}

const char *apv_relay_path(const struct apv_relay *relay) {
  (void)relay;
  return "";
}

bool apv_relay_begin(struct apv_relay *relay) {
  (void)relay;
  return false;
}

bool apv_relay_watch(struct apv_relay *relay, int fd) {
  (void)relay;
  (void)fd;
  return false;
}

void apv_relay_leave(struct apv_relay *relay, int fd) {
  (void)relay;
  (void)fd;
}

bool apv_relay_works(const struct apv_relay *relay) {
  (void)relay;
  return false;
}

void apv_relay_remind(struct apv_relay *relay, double seconds) {
  (void)relay;
  (void)seconds;
}

void apv_relay_tell(struct apv_relay *relay) {
  (void)relay;
}

void apv_relay_tell_all(void) {
}

void apv_relay_free(struct apv_relay *relay) {
  (void)relay;
}

#endif
