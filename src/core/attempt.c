/* A call's way: it waits in its lane's queue until it may leave, is sent, and
** goes back to the queue when it is worth another attempt. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void apv_lanes_init(apv_client *client) {
  for (int i = 0; i < APV_CLASS_COUNT; i++) {
    client->lanes[i] = (struct apv_lane){0};
    apv_gate_init(&client->lanes[i].gate);
  }
}

static struct apv_lane *lane_of(const apv_call *call) {
  return &call->client->lanes[apv_operation_class(call->operation)];
}

/* --- chance --------------------------------------------------------------- */

void apv_seed_random(apv_client *client) {
  double now = apv_now();
  uint64_t bits;
  memcpy(&bits, &now, sizeof bits);
  client->random = bits ^ (uint64_t)getpid() << 32 ^ (uintptr_t)client;
}

/* From 0 to below 1 (splitmix64): for waits, not for secrets. */
static double next_random(apv_client *client) {
  uint64_t bits = client->random += 0x9e3779b97f4a7c15U;
  bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9U;
  bits = (bits ^ bits >> 27) * 0x94d049bb133111ebU;
  bits ^= bits >> 31;
  return (double)(bits >> 11) / 9007199254740992.0; /* 2^53 */
}

/* The system's, or, where it has none, ours. */
void apv_random_bytes(apv_client *client, unsigned char *out, size_t size) {
  FILE *source = fopen("/dev/urandom", "rb");
  size_t count = 0;
  if (source != NULL) {
    setvbuf(source, NULL, _IONBF, 0);
    count = fread(out, 1, size, source);
    fclose(source);
  }
  for (; count < size; count++) {
    out[count] = (unsigned char)(next_random(client) * 256);
  }
}

/* --- handles -------------------------------------------------------------- */

static CURL *take_handle(apv_client *client) {
  if (client->idle_count > 0) return client->idle[--client->idle_count];
  return apv_transfer_new(client);
}

/* A handle that is not kept takes no connection with it: those belong to
** the multi handle. */
static void return_handle(apv_client *client, CURL *easy) {
  if (client->idle_count < client->max_connections) {
    client->idle[client->idle_count++] = easy;
  } else {
    curl_easy_cleanup(easy);
  }
}

static void detach_handle(apv_call *call) {
  CURL *easy = call->easy;
  call->sent = apv_transfer_sent(call);
  apv_transfer_release(easy);
  curl_multi_remove_handle(call->client->multi, easy);
  return_handle(call->client, easy);
  call->easy = NULL;
}

/* --- the end of a call ---------------------------------------------------- */

/* Whether it was perhaps carried out, and nothing says so. Of an upload all
** must have left. 503 says that it was not, which gateways also do that lost
** the answer: of a part the service tells by itself whether it has it. */
static bool is_unsettled(const apv_call *call) {
  bool uploads = call->operation == APV_UPLOAD;
  if (uploads && !call->upload.whole) return false;
  if (!uploads && call->http_status == 503) return false;
  return apv_may_be_done(call->sent, call->http_status);
}

/* Tells the gate what the attempt said of the service's limit. */
static void pass_gate(apv_call *call, double now) {
  struct apv_gate *gate = &lane_of(call)->gate;
  if (call->http_status == 0) {
    apv_gate_lost(gate, call->sent);
    return;
  }
  struct apv_limits limits = apv_call_limits(call);
  call->retry_after = apv_server_wait(&limits, call->http_status);
  apv_gate_answered(gate, call->window, call->http_status, &limits, now);
}

void apv_call_end(apv_call *call, enum apv_status status) {
  apv_client *client = call->client;
  double now = apv_now();
  if (call->easy != NULL) {
    detach_handle(call);
    pass_gate(call, now);
    if (is_unsettled(call)) call->unsettled = true;
  }
  apv_timeline_remove(&lane_of(call)->queue, &call->turn);
  apv_timeline_remove(&client->deadlines, &call->deadline);
  apv_timeline_insert(&client->ended, &call->turn, now);
  if (call->operation != APV_PAUSE) client->in_flight--;
  apv_file_drop(call->upload.file); /* a response may be kept for long */
  call->upload.file = NULL;
  client->ends++;
  call->status = status;
  call->elapsed = now - call->started;
  call->done = true;
  if (!apv_call_succeeded(call)) apv_call_cut_body(call);
}

static void set_deadline(apv_call *call, double at) {
  struct apv_timeline *deadlines = &call->client->deadlines;
  apv_timeline_remove(deadlines, &call->deadline);
  apv_timeline_insert(deadlines, &call->deadline, at);
}

void apv_call_moves(apv_call *call) {
  call->client->moves++;
  if (call->idle > 0) set_deadline(call, apv_now() + call->idle);
}

/* Between attempts nothing has to move. But a service that will not be back for
** an hour is left to whoever goes on with the upload then. */
static void rest(apv_call *call, double now) {
  enum { LONGEST_REST = 3600 };
  if (call->idle > 0) set_deadline(call, now + LONGEST_REST);
}

/* The gate stays closed for longer than the call can wait. What the service
** said to an earlier attempt stays. */
static void refuse(apv_call *call, double now) {
  const struct apv_gate *gate = &lane_of(call)->gate;
  static const char *const names[] = {"reads", "writes", "uploads"};
  call->retry_after = (long long)ceil(gate->closed_until - now);
  snprintf(
    call->failure, sizeof call->failure,
    "the service takes no more %s for %lld s, and the deadline is earlier",
    names[apv_operation_class(call->operation)], call->retry_after
  );
  apv_call_end(call, APV_THROTTLED);
}

static bool cannot_wait(const apv_call *call, double now) {
  double opens = lane_of(call)->gate.closed_until;
  return opens > now && opens >= call->deadline.at;
}

/* --- the queue ------------------------------------------------------------ */

static void queue_until(apv_call *call, double at, double now) {
  if (cannot_wait(call, now)) {
    refuse(call, now);
  } else {
    apv_timeline_insert(&lane_of(call)->queue, &call->turn, at);
  }
}

static void refuse_hopeless(struct apv_lane *lane, double now) {
  struct apv_moment *turn = lane->queue.first;
  while (turn != NULL) {
    apv_call *call = turn->call;
    turn = turn->next;
    if (cannot_wait(call, now)) refuse(call, now);
  }
}

/* Hands the call to libcurl. */
static enum apv_status send_call(apv_call *call) {
  apv_client *client = call->client;
  apv_transfer_reset(call);
  if (call->operation == APV_UPLOAD) {
    enum apv_status status = apv_upload_begin(call);
    if (status != APV_OK) return status;
  }
  CURL *easy = take_handle(client);
  if (easy == NULL) return APV_NO_MEMORY;
  if (apv_transfer_prepare(easy, call) != CURLE_OK ||
      curl_multi_add_handle(client->multi, easy) != CURLM_OK) {
    curl_easy_cleanup(easy);
    return APV_NO_MEMORY;
  }
  call->easy = easy;
  call->attempts++;
  call->window = apv_gate_sent(&lane_of(call)->gate);
  return APV_OK;
}

/* A host's turn is short, and beginning an attempt may open a connection,
** which takes a millisecond where it is secured: one at a time then. */
static bool dispatch_lane(
  const apv_client *client, struct apv_lane *lane, double now
) {
  struct apv_moment *turn;
  bool sent = false;
  if (lane->gate.closed_until > lane->refused_until) {
    lane->refused_until = lane->gate.closed_until;
    refuse_hopeless(lane, now);
  }
  while ((turn = lane->queue.first) != NULL && turn->at <= now &&
         apv_gate_admits(&lane->gate, now)) {
    apv_call *call = turn->call;
    apv_timeline_remove(&lane->queue, turn);
    enum apv_status status = send_call(call);
    if (status != APV_OK) apv_call_end(call, status);
    sent = true;
    if (client->watch.on) break;
  }
  return sent;
}

bool apv_dispatch(apv_client *client, double now) {
  bool sent = false;
  for (int i = 0; i < APV_CLASS_COUNT; i++) {
    if (dispatch_lane(client, &client->lanes[i], now)) sent = true;
  }
  return sent;
}

double apv_next_turn(const apv_client *client) {
  double earliest = INFINITY;
  for (int i = 0; i < APV_CLASS_COUNT; i++) {
    const struct apv_lane *lane = &client->lanes[i];
    const struct apv_moment *turn = lane->queue.first;
    if (turn == NULL) continue;
    earliest = fmin(earliest, fmax(turn->at, apv_gate_opens(&lane->gate)));
  }
  return earliest;
}

void apv_call_queue(apv_call *call) {
  apv_client *client = call->client;
  apv_timeline_insert(&client->deadlines, &call->deadline, call->deadline.at);
  if (call->operation == APV_PAUSE) return;
  client->in_flight++;
  queue_until(call, call->started, call->started);
  if (call->done || client->watch.on || client->followed) return;
  dispatch_lane(client, lane_of(call), call->started);
}

/* --- the end of an attempt ------------------------------------------------ */

static struct apv_outcome outcome_of(const apv_call *call, double now) {
  return (struct apv_outcome){
    .repeatable = apv_call_repeatable(call),
    .status = call->status,
    .http_status = call->http_status,
    .sent = call->sent,
    .lasting = call->lasting,
    .attempt = call->attempts,
    .retries = call->retries,
    .server_wait = (double)call->retry_after,
    .time_left = call->deadline.at - now,
    .budget = call->client->retry_budget,
    .random = next_random(call->client),
  };
}

void apv_attempt_over(apv_call *call, CURLcode code) {
  apv_client *client = call->client;
  double now = apv_now();
  apv_transfer_finish(call, code);
  detach_handle(call);
  pass_gate(call, now);
  if (apv_call_succeeded(call)) {
    if (client->retry_budget < APV_RETRY_BUDGET) client->retry_budget++;
    apv_call_end(call, call->status);
    return;
  }
  if (is_unsettled(call)) call->unsettled = true;
  rest(call, now);
  struct apv_outcome outcome = outcome_of(call, now);
  double wait = apv_retry_wait(&outcome);
  if (wait < 0) {
    apv_call_end(call, call->status);
    return;
  }
  client->retry_budget -= apv_retry_cost(&outcome);
  queue_until(call, now + wait, now);
}
