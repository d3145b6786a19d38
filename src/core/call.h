/* A call: one request from its start to its end, in four parts. */
#ifndef APV_CALL_H
#define APV_CALL_H

#include "apv.h"
#include "request.h"
#include "timeline.h"
#include "transfer.h"
#include "verdict.h"

APV_HIDDEN

struct apv_flight;

/* When it moves, and how often. The flight's and the lane's. */
struct apv_schedule {
  double started; /* on the system's clock */
  double elapsed; /* seconds, when it is done */
  struct apv_moment deadline; /* among the flight's, until it is done */
  struct apv_moment queue_entry; /* in its lane, or among those that ended */
  struct apv_moment patience; /* when one of the next two is over */
  struct apv_moment connecting; /* until when there must be a connection */
  double idle_limit; /* of an upload: seconds without progress */
  double attempt_limit; /* of others: seconds without an answer; 0: none */
  size_t heard; /* bytes of the answer, when that began to run */
  bool fresh; /* the next attempt is to open a connection of its own */
  int attempts; /* that were begun */
  int retries; /* attempts allowed after the first */
  unsigned window; /* of the rate limit, in which the last one was sent */
  bool maybe_processed; /* by an attempt so far, and no answer says so */
};

struct apv_call {
  struct apv_flight *flight; /* NULL once it is done and handed out */
  unsigned long number;
  bool done;
  struct apv_outgoing request; /* what is asked for; it does not change */
  struct apv_schedule schedule;
  struct apv_transfer *transfer; /* the present attempt; NULL: it waits */
  struct apv_verdict verdict; /* of the last attempt, and in the end its own */
  size_t block_size;
  char text[]; /* the request's */
};

/* A call that is in no flight yet. APV_INVALID, APV_NO_MEMORY. */
enum apv_status apv_call_new(
  const struct apv_request *request, const struct apv_request_context *context,
  apv_call **call
);
/* Frees a call that is in no flight any more, wiping what was secret. */
void apv_call_release(apv_call *call);

APV_SHOWN

#endif
