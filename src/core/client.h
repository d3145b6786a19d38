/* A client: what its settings make of it. */
#ifndef APV_CLIENT_H
#define APV_CLIENT_H

#include "apv.h"
#include "credentials.h"
#include "engine.h"
#include "lines.h"
#include "origin.h"

APV_HIDDEN

struct apv_client {
  struct apv_engine engine;
  struct apv_origin origin;
  struct apv_lines *lines; /* of every request */
  struct apv_credentials *credentials;
  /* Seconds, of a call that names none. */
  double timeout;
  double attempt_timeout;
  double idle_timeout;
  int retries; /* of a call that names none */
};

APV_SHOWN

#endif
