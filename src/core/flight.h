/* The calls of a client that have not ended: sends them when they may leave,
** and again when that is worth it, and ends them, each exactly one way. */
#ifndef APV_FLIGHT_H
#define APV_FLIGHT_H

#include "apv.h"
#include "call.h"
#include "handles.h"
#include "lane.h"
#include "random.h"
#include "timeline.h"

APV_HIDDEN

struct apv_flight {
  struct apv_handles handles; /* opened and closed by the owner */
  bool shares_turns; /* a host's turn is short: one attempt begins at a time */
  size_t most_bytes; /* of an answer's body */
  bool multiplexes; /* the last answer to a read came over HTTP/2 */
  double acquainted_at; /* until when others wait for the first answer; 0: no
                        ** request was sent; below 0: it has come */
  struct apv_lane lanes[APV_CLASS_COUNT];
  struct apv_timeline deadlines; /* of calls in flight */
  struct apv_timeline patience; /* of attempts: no answer, nothing moves */
  struct apv_timeline connecting; /* attempts, where libcurl has no limit */
  struct apv_timeline ended; /* calls that were not handed out since */
  int in_flight; /* calls that have not ended */
  int under_way; /* attempts of them */
  int reading; /* of these, attempts of reads */
  unsigned long ended_count;
  unsigned long progress_count; /* how often bytes of uploads moved */
  int retry_budget;
  struct apv_random random;
};

void apv_flight_init(struct apv_flight *flight, size_t most_bytes);
/* After a fork: forgets the handles and ends all calls as cancelled. */
void apv_flight_leave(struct apv_flight *flight);

/* Takes a new call, whose schedule says when it started, and its limits;
** `timeout` seconds later it ends. */
void apv_flight_start(
  struct apv_flight *flight, apv_call *call, double timeout
);
/* Ends a call that is not done for a reason of ours, of which `words`, if any,
** say more. Of an attempt nothing remains but what it may have done. */
void apv_flight_give_up(
  struct apv_flight *flight, apv_call *call, enum apv_status status,
  const char *words
);
void apv_flight_end_all(
  struct apv_flight *flight, enum apv_status status, const char *words
);

/* Ends the attempts that libcurl has finished: each call ends, or is queued for
** another attempt. */
void apv_flight_collect(struct apv_flight *flight);
/* Sends what may leave now. Returns whether there was something. */
bool apv_flight_dispatch(struct apv_flight *flight, double now);
/* When a call may leave that waits; INFINITY: none does. */
double apv_flight_opens(const struct apv_flight *flight);

/* --- the life of an attempt ----------------------------------------------- */

/* Sets when the limit of the attempt, or the idle limit of the upload, ends. */
void apv_flight_arm_patience(
  struct apv_flight *flight, apv_call *call, double at
);
/* Ends the present attempt, if there is one, and reads how. */
void apv_flight_end_attempt(
  struct apv_flight *flight, apv_call *call, CURLcode code, double now
);
/* The attempt is over, and its verdict is there: the call is sent again later,
** or ends. */
void apv_flight_conclude(struct apv_flight *flight, apv_call *call, double now);
/* The one way in which a call ends: by the verdict that it has. */
void apv_flight_end_call(struct apv_flight *flight, apv_call *call, double now);

/* --- what has ended ------------------------------------------------------- */

/* A call that has ended, once, those that ended first first; NULL: none. */
apv_call *apv_flight_next_ended(struct apv_flight *flight);
/* The call, which is done, is not handed out any more. */
void apv_flight_forget(apv_call *call);

APV_SHOWN

#endif
