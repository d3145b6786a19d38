/* Checksums of texts. */
#ifndef APV_CHECKSUM_H
#define APV_CHECKSUM_H

#include "apv.h"

APV_HIDDEN

/* Tells texts apart that differ by chance; not those that are made to collide
** (FNV-1a). */
unsigned long long apv_checksum(struct apv_slice text);

APV_SHOWN

#endif
