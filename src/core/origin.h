/* Where a client's requests go, and how connections there are made. */
#ifndef APV_ORIGIN_H
#define APV_ORIGIN_H

#include <curl/curl.h>

#include "apv.h"

APV_HIDDEN

/* Fixed for the life of a client. */
struct apv_origin {
  CURLU *url; /* the base URL */
  char *path; /* of the base URL, without a slash at its end */
  bool secure; /* HTTPS */
  char *proxy; /* "": none */
  char *no_proxy; /* hosts that are reached without it, as libcurl has them */
  bool names_proxy; /* a setting named the proxy */
  const char *proxy_problem; /* of the environment's, as apv_check_proxy() has
                             ** it, or NULL; `proxy` is then none either */
  char *ca_file; /* NULL: whatever libcurl trusts by itself */
  double connect_timeout; /* seconds */
  long max_connections;
};

/* The settings are valid. APV_NO_MEMORY: it is to be freed all the same. */
enum apv_status apv_origin_init(
  struct apv_origin *origin, const struct apv_settings *settings
);
void apv_origin_free(struct apv_origin *origin);

APV_SHOWN

#endif
