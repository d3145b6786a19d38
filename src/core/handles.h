/* The transfers of a client, and the multi handle that moves them. */
#ifndef APV_HANDLES_H
#define APV_HANDLES_H

#include <curl/curl.h>

#include "apv.h"
#include "connections.h"
#include "origin.h"
#include "secrets.h"
#include "transfer.h"
#include "verdict.h"

APV_HIDDEN

/* All zero: closed. */
struct apv_handles {
  CURLM *multi; /* NULL: closed */
  const struct apv_origin *origin;
  struct apv_connections *connections;
  struct apv_transfer *abandoned; /* in the lookup of a name, for nobody */
  struct apv_transfer *idle; /* kept for the next requests */
  long idle_count;
};

/* `origin` must outlive the handles. APV_NO_MEMORY; APV_CONNECTION: libcurl got
** no descriptors for itself. */
enum apv_status apv_handles_open(
  struct apv_handles *handles, const struct apv_origin *origin
);
/* Closes connections. No transfer is under way. */
void apv_handles_close(struct apv_handles *handles);
/* After a fork the child must touch nothing of the parent's: connections, TLS
** state and handles are left as they are, unclosed. */
void apv_handles_leave(struct apv_handles *handles);

/* Begins a transfer, which ends by apv_handles_end(). If that cannot be done,
** returns NULL, and why in `verdict`. */
struct apv_transfer *apv_handles_send(
  struct apv_handles *handles, const struct apv_transfer_spec *spec,
  struct apv_verdict *verdict
);
/* Begins one again, which libcurl has finished; see apv_transfer_renew(). If
** that cannot be done, `*code` is how it ended. */
bool apv_handles_restart(
  struct apv_handles *handles, struct apv_transfer *transfer, CURLcode *code
);
/* Ends it, whether libcurl has finished it or not, and reads how into a new
** verdict. Those of handles that were left are forgotten. */
void apv_handles_end(
  struct apv_handles *handles, struct apv_transfer *transfer, CURLcode code,
  const struct apv_secrets *secrets, struct apv_verdict *verdict
);

/* Moves on what can move at once. */
CURLMcode apv_handles_move(struct apv_handles *handles);
/* Waits until something can move, or for that long. */
CURLMcode apv_handles_wait(struct apv_handles *handles, int ms);
/* Seconds until libcurl wants to be called; below 0: it does not. */
double apv_handles_timeout(const struct apv_handles *handles);
/* The transfer of a handle; NULL: nobody waits for it. */
struct apv_transfer *apv_handles_find(CURL *easy);
/* A transfer that libcurl has finished, and how; NULL: there is none. */
struct apv_transfer *apv_handles_next_finished(
  struct apv_handles *handles, CURLcode *code
);

APV_SHOWN

#endif
