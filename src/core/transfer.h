/* One attempt on libcurl: the one place where the options are set that keep a
** request safe. */
#ifndef APV_TRANSFER_H
#define APV_TRANSFER_H

#include <curl/curl.h>

#include "apv.h"
#include "connections.h"
#include "exchange.h"
#include "form.h"
#include "lines.h"
#include "origin.h"
#include "secrets.h"
#include "verdict.h"

APV_HIDDEN

enum { APV_EXTRA_LINES = 4 };

/* A request. What it points at must live until the transfer is over. */
struct apv_transfer_spec {
  const char *method; /* GET, POST or DELETE */
  const char *target; /* path and query, as they are sent */
  char *extra[APV_EXTRA_LINES]; /* header lines before `lines` */
  size_t extra_count;
  const struct apv_lines *lines;
  const char *body; /* POST without a form */
  size_t body_size;
  struct apv_form *form; /* POST; NULL: `body` */
  size_t most_bytes; /* of the answer's body */
  bool fresh; /* on a connection of its own */
  void *owner;
  void (*moved)(void *owner); /* bytes of the form were taken or left */
};

/* What its handle is set to send. */
enum apv_transfer_kind {
  APV_NO_KIND,
  APV_READS_ONLY,
  APV_DELETES,
  APV_SENDS_BODY,
  APV_SENDS_FORM
};

/* Owns its handle and keeps it for one request after the other. */
struct apv_transfer {
  struct apv_exchange exchange;
  CURL *easy;
  const struct apv_origin *origin;
  struct apv_transfer *next; /* in a list of idle ones */
  struct apv_transfer_spec spec;
  enum apv_transfer_kind kind;
  bool finished; /* libcurl is done with it */
  bool has_headers; /* the handle knows `nodes` */
  struct curl_slist *nodes; /* of the header lines */
  size_t node_count; /* that there is room for */
};

/* APV_NO_MEMORY; APV_UNSUPPORTED: this libcurl lacks what is needed. */
enum apv_status apv_transfer_new(
  const struct apv_origin *origin, struct apv_connections *connections,
  struct apv_transfer **transfer
);
/* It is in no multi handle any more. NULL is fine. */
void apv_transfer_free(struct apv_transfer *transfer);

/* Makes it ready to be sent. */
enum apv_status apv_transfer_prepare(
  struct apv_transfer *transfer, const struct apv_transfer_spec *spec
);
/* Makes it ready to be sent once more, on a connection of its own. */
enum apv_status apv_transfer_renew(struct apv_transfer *transfer);
/* It is given up since no answer came: nothing is sent any more on a connection
** that has gone silent. */
void apv_transfer_blame(struct apv_transfer *transfer);
/* Reads how it ended into a new verdict, which gets the answer. It is in its
** multi handle still. */
void apv_transfer_finish(
  struct apv_transfer *transfer, CURLcode code,
  const struct apv_secrets *secrets, struct apv_verdict *verdict
);
/* Its request will not be sent: it ends by itself when the lookup of a name
** that it is in has ended. */
void apv_transfer_abandon(struct apv_transfer *transfer);
/* Forgets its request; it has left its multi handle. */
void apv_transfer_release(struct apv_transfer *transfer);

APV_SHOWN

#endif
