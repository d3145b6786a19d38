/* What clients of one account in several processes tell each other of the
** service's limits, over a memory that their host provides. The host counts
** what all of them have in flight, and grants each client a number of requests
** before it sends. */
#ifndef APV_SHARE_H
#define APV_SHARE_H

#include "apv.h"
#include "known.h"

APV_HIDDEN

struct apv_share {
  struct apv_known known;
  int in_flight; /* of this client */
  bool waits; /* somebody waits to leave */
  bool over; /* the rate-limit window has ended: one request may leave to find
             ** out what the next one allows */
  long long most; /* that may be in flight in all clients together */
};

/* The digits of a number that clients of one account share; 17 bytes. */
void apv_client_account(const apv_client *client, char *digits);
void apv_client_share(
  const apv_client *client, enum apv_class class, struct apv_share *out
);
/* See apv_known_take(). */
void apv_client_learn(
  apv_client *client, enum apv_class class, const struct apv_known *known
);
/* Lets `count` more requests leave until the next grant; below 0: any number.
** `elsewhere`: requests in flight in other processes. */
void apv_client_grant(
  apv_client *client, enum apv_class class, long long count, long long elsewhere
);

APV_SHOWN

#endif
