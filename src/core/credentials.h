/* A client's credentials, shared with the calls that were made with them. */
#ifndef APV_CREDENTIALS_H
#define APV_CREDENTIALS_H

#include "apv.h"

APV_HIDDEN

struct apv_credentials {
  int references;
  size_t block_size;
  const char *api_key; /* NULL: none */
  const char *secret; /* what `line` carries: base64 or access token */
  char *line; /* "Authorization: …", NULL: none */
};

/* Basic from the key, or Bearer when there is an access token. NULL: no
** memory. The result has one reference. */
struct apv_credentials *apv_credentials_new(
  const char *api_key, const char *access_token
);
struct apv_credentials *apv_credentials_share(
  struct apv_credentials *credentials
);
/* Gives one reference back; the last one wipes and frees. NULL is fine. */
void apv_credentials_drop(struct apv_credentials *credentials);

APV_SHOWN

#endif
