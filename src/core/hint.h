/* What failures mean to people who run a service. */
#ifndef APV_HINT_H
#define APV_HINT_H

#include "apv.h"

APV_HIDDEN

/* A plain explanation of a failure with these words, or NULL. `by_proxy`: the
** client was told to use a proxy. */
const char *apv_hint(enum apv_status status, bool by_proxy, const char *words);

APV_SHOWN

#endif
