/* Dates as HTTP has them. */
#ifndef APV_DATE_H
#define APV_DATE_H

#include "apv.h"

APV_HIDDEN

/* Unix seconds of a date in one of HTTP's three forms; false: it is none, or
** before 1970. */
bool apv_http_date(struct apv_slice text, long long *seconds);

APV_SHOWN

#endif
