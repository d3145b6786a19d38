/* What failures mean to people who run a service. */
#ifndef APV_HINT_H
#define APV_HINT_H

#include "apv.h"

APV_HIDDEN

/* What is known of a failure. */
struct apv_failure {
  enum apv_status status;
  const char *words; /* libcurl's */
  bool proxied; /* the client was told to use a proxy */
  long proxy_answer; /* the proxy's status when asked for a tunnel, that of a
                     ** SOCKS proxy in HTTP's terms; 0: none */
  bool lacks_descriptors; /* the process has as many open as it may */
  bool bad_ca_file; /* it cannot be read, or holds no certificate */
  long verify_result; /* OpenSSL's of the certificate; 0: good, or not known */
};

/* A plain explanation, or NULL. */
const char *apv_hint(const struct apv_failure *failure);

APV_SHOWN

#endif
