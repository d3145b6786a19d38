/* Keeps secrets out of whatever people may read. */
#ifndef APV_SECRETS_H
#define APV_SECRETS_H

#include "apv.h"

APV_HIDDEN

enum { APV_HIDDEN_SECRETS = 3 };

/* The secrets that are known; NULL: there is none. */
struct apv_secrets {
  const char *token; /* of which the ends are shown */
  const char *hidden[APV_HIDDEN_SECRETS];
};

/* See apv_redact(); `secrets` may be NULL. */
size_t apv_secrets_redact(
  const struct apv_secrets *secrets, struct apv_slice text, char *out,
  size_t size
);

/* Room for a masked secret: 4 bytes, "…", 3 bytes and the terminator. */
#define APV_MASK_SIZE 11
/* "to1tcmSFHeYY5KzyhOqVKMKb" becomes "to1t…MKb"; short ones only "…". */
void apv_mask(const char *secret, size_t size, char out[APV_MASK_SIZE]);

APV_SHOWN

#endif
