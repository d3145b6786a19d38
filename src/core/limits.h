/* What an answer says about the service's limits and when to come back. */
#ifndef APV_LIMITS_H
#define APV_LIMITS_H

#include "apv.h"
#include "head.h"

APV_HIDDEN

struct apv_limits apv_limits_of(const struct apv_head *head);
/* Seconds that an answer with these limits asks to wait; -1: it does not. */
long long apv_limits_wait(const struct apv_limits *limits, long http_status);

APV_SHOWN

#endif
