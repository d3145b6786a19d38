/* What clients of one account in several processes tell each other of the
** service's limits, over a memory of their host's. The host counts for all of
** them what is in flight; who sends is granted so many requests before. */
#ifndef APV_SHARE_H
#define APV_SHARE_H

#include "apv.h"
#include "known.h"

APV_HIDDEN

struct apv_share {
  struct apv_known known;
  int in_flight; /* of this client */
  bool waits; /* somebody waits to leave */
  bool over; /* the window is, and one may leave to find out what is next */
  long long most; /* in flight in all clients */
};

/* The digits of a number that clients of one account share; 17 bytes. */
void apv_client_account(const apv_client *client, char *digits);
void apv_client_share(
  const apv_client *client, enum apv_class class, struct apv_share *out
);
/* Takes over what is newer, or less. */
void apv_client_learn(
  apv_client *client, enum apv_class class, const struct apv_known *known
);
/* Until the next grant so many may leave (below 0: any number), and so many are
** in flight in other processes. */
void apv_client_grant(
  apv_client *client, enum apv_class class, long long count, long long elsewhere
);

APV_SHOWN

#endif
