/* The table of the service's operations. */
#ifndef APV_OPERATION_H
#define APV_OPERATION_H

#include "apv.h"

APV_HIDDEN

const char *apv_operation_method(enum apv_operation operation);
/* What the operation's path starts with, or all of it. */
const char *apv_operation_path(enum apv_operation operation);
enum apv_class apv_operation_class(enum apv_operation operation);
/* Its requests carry the client's credentials. */
bool apv_operation_authorized(enum apv_operation operation);
/* A second request does no harm. */
bool apv_operation_repeatable(enum apv_operation operation);

APV_SHOWN

#endif
