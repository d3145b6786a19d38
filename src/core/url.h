/* Which URLs a client may be given. See apv.h for the checks. */
#ifndef APV_URL_H
#define APV_URL_H

#include "apv.h"

APV_HIDDEN

/* It starts with https:. */
bool apv_url_is_secure(const char *url);

APV_SHOWN

#endif
