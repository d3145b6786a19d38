/* A libcurl handle with what is the same for all requests of a client. */
#ifndef APV_EASY_H
#define APV_EASY_H

#include <curl/curl.h>

#include "apv.h"
#include "origin.h"

APV_HIDDEN

/* On success `*easy` is the caller's to clean up. APV_NO_MEMORY;
** APV_UNSUPPORTED: this libcurl lacks an option that is needed. */
enum apv_status apv_easy_new(const struct apv_origin *origin, CURL **easy);

APV_SHOWN

#endif
