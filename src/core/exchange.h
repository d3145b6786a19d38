/* One request and its answer: what libcurl asks us for while they are under
** way, and tells us of. */
#ifndef APV_EXCHANGE_H
#define APV_EXCHANGE_H

#include <curl/curl.h>

#include "apv.h"
#include "buffer.h"
#include "chunks.h"
#include "connections.h"
#include "form.h"
#include "head.h"

APV_HIDDEN

struct apv_exchange {
  CURL *easy;
  struct apv_connections *connections; /* of its multi handle */

  /* What is to be sent, and received. */
  struct apv_form *form; /* NULL: libcurl has the body, if there is one */
  size_t most_bytes; /* of the answer's body */
  bool once; /* it must not be sent twice */
  bool fresh; /* it is to open a connection of its own */
  void *owner; /* NULL: given up while a name is looked up */
  void (*moved)(void *owner); /* bytes of the form were taken or left */

  /* How it goes. */
  enum apv_status abort_status; /* why we end it; APV_OK: we do not */
  const char *abort_reason;
  double begun_at; /* on the system's clock */
  bool connecting; /* a socket was opened for it */
  bool begun; /* libcurl has said that the request is about to leave */
  bool stale; /* the kept connection was dead: nothing has left */
  bool forbids_reuse; /* of the connection, by others */
  int port; /* the local one of its connection; 0: not known */
  bool whole; /* the form was read to its end, perhaps to be read again */
  long long left; /* bytes of the form that have left for the network */
  struct apv_head head;
  struct apv_buffer body;
  struct apv_chunks chunks; /* of a body that comes in chunks */
  char words[CURL_ERROR_SIZE]; /* libcurl's, of a failure */
};

/* Tells the handle whom to ask; `exchange` must live as long as it does. */
CURLcode apv_exchange_hook(struct apv_exchange *exchange);
/* Begins anew: what is to be sent stays. */
void apv_exchange_reset(struct apv_exchange *exchange);
/* The connection for it is set up: the request may leave. */
bool apv_exchange_has_connection(const struct apv_exchange *exchange);
/* The request began to leave. */
bool apv_exchange_sent(const struct apv_exchange *exchange);
/* It failed with a connection that was not its own: a kept one was dead, and
** nothing has left, or it is a read. It is to begin anew on a fresh one. */
bool apv_exchange_begins_anew(
  const struct apv_exchange *exchange, CURLcode code
);
/* It may be in the lookup of a name: it has no connection yet. */
bool apv_exchange_looks_up(const struct apv_exchange *exchange);
/* It goes over a connection that was open already. */
bool apv_exchange_reused(const struct apv_exchange *exchange);
/* Bytes of the answer that have come so far, of its head, too. */
size_t apv_exchange_heard(const struct apv_exchange *exchange);

APV_SHOWN

#endif
