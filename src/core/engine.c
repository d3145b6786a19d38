/* The engine: moves calls on with libcurl's multi interface and ends them,
** each exactly one way, by their deadlines. */
#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double apv_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* --- the end of calls ----------------------------------------------------- */

static void end_all(apv_client *client, enum apv_status status) {
  while (client->deadlines.first != NULL) {
    apv_call_end(client->deadlines.first->call, status);
  }
}

static void collect_finished(apv_client *client) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    apv_call *call = NULL;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &call);
    apv_attempt_over(call, code);
  }
}

static void end_overdue(apv_client *client, double now) {
  struct apv_moment *deadline;
  while ((deadline = client->deadlines.first) != NULL && deadline->at <= now) {
    apv_call *call = deadline->call;
    if (call->easy != NULL) {
      apv_transfer_finish(call, CURLE_OPERATION_TIMEDOUT);
    } else {
      apv_transfer_reset(call);
    }
    if (call->idle > 0) {
      snprintf(
        call->failure, sizeof call->failure, "nothing moved for %.3g s",
        call->idle
      );
    } else {
      snprintf(
        call->failure, sizeof call->failure, "no answer within %.3g s",
        deadline->at - call->started
      );
    }
    apv_call_end(call, APV_TIMEOUT);
  }
}

/* --- the process ---------------------------------------------------------- */

/* After a fork the child must touch nothing of the parent's: connections,
** TLS state and handles are left as they are, unclosed. */
static void abandon_engine(apv_client *client) {
  client->multi = NULL;
  apv_watch_end(client);
  client->idle_count = 0;
  struct apv_moment *deadline = client->deadlines.first;
  for (; deadline != NULL; deadline = deadline->next) {
    deadline->call->easy = NULL;
  }
  end_all(client, APV_CANCELLED);
  apv_lanes_init(client);
}

/* Makes the engine this process's own; false: no memory. */
static bool enter(apv_client *client) {
  pid_t self = getpid();
  if (client->multi != NULL && client->owner != self) abandon_engine(client);
  if (client->multi != NULL) return true;
  client->owner = self;
  client->multi = curl_multi_init();
  if (client->multi == NULL) return false;
  apv_seed_random(client);
  long limit = client->max_connections;
  curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limit);
  curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, limit);
  /* Without descriptors it moves on all the same. With them, whoever watches
  ** is to see what a fork has ended. */
  if (client->watched && apv_watch_begin(client) == APV_OK) {
    apv_watch_arm(client, 0);
  }
  return true;
}

/* --- what the caller sees ------------------------------------------------- */

/* When the engine wants its turn; INFINITY: nothing is in flight. */
static double next_turn(const apv_client *client) {
  const struct apv_moment *deadline = client->deadlines.first;
  if (deadline == NULL) return INFINITY;
  double at = fmin(deadline->at, apv_next_turn(client));
  return client->watch.on ? fmin(at, client->watch.curl_at) : at;
}

enum apv_status apv_call_start(
  apv_client *client, const struct apv_request *request, apv_call **out
) {
  *out = NULL;
  if (client->closed) return APV_CLOSED;
  if (!enter(client)) return APV_NO_MEMORY;
  apv_call *call;
  enum apv_status status = apv_call_new(client, request, &call);
  if (status != APV_OK) return status;
  call->number = ++client->started;
  apv_call_queue(call);
  if (!client->followed) apv_watch_arm(client, next_turn(client));
  *out = call;
  return APV_OK;
}

/* Moves on whatever can move at once. */
static void move_on(apv_client *client) {
  int running;
  CURLMcode code = client->watch.on
                     ? apv_watch_move(client)
                     : curl_multi_perform(client->multi, &running);
  collect_finished(client);
  if (code != CURLM_OK) end_all(client, APV_NO_MEMORY);
}

/* Waits until something can move, until the engine's turn, or until then. */
static void wait(apv_client *client, double now, double until) {
  double ms = ceil((fmin(until, next_turn(client)) - now) * 1000.0);
  int limit = ms <= 0 ? 0 : ms > 60000 ? 60000 : (int)ms;
  if (client->watch.on) {
    apv_watch_wait(client, limit);
    return;
  }
  CURLMcode code = curl_multi_poll(client->multi, NULL, 0, limit, NULL);
  if (code != CURLM_OK) end_all(client, APV_NO_MEMORY);
}

/* Seconds for which a host's turn begins attempts, or sends what is uploaded
** without looking whether there is room for more. */
static const double TURN = 0.0005;

int apv_client_step(apv_client *client, double seconds) {
  if (client->multi == NULL || !enter(client)) return 0;
  /* With nothing in flight libcurl may still take leave of a connection. */
  if (client->deadlines.first == NULL && client->watch.on) move_on(client);
  double start = apv_now();
  double until = start + seconds;
  unsigned long before = client->ends;
  while (client->deadlines.first != NULL) {
    unsigned long moves = client->moves;
    move_on(client);
    double now = apv_now();
    end_overdue(client, now);
    bool sent = apv_dispatch(client, now);
    if (sent && client->watch.on && now - start < TURN) continue;
    if (client->ends != before) break;
    if (client->moves != moves && now - start < TURN) continue;
    if (now >= until) break;
    if (!sent) wait(client, now, until);
  }
  apv_watch_arm(client, next_turn(client));
  return client->in_flight;
}

int apv_client_in_flight(const apv_client *client) {
  return client->in_flight;
}

enum apv_status apv_client_fd(apv_client *client, int *fd) {
  *fd = -1;
  if (client->closed) return APV_OK;
  if (!enter(client)) return APV_NO_MEMORY;
  enum apv_status status = APV_OK;
  if (!client->watch.on) {
    status = apv_watch_begin(client);
    if (status == APV_UNSUPPORTED) return APV_OK;
    apv_watch_arm(client, next_turn(client));
  }
  client->watched = client->watch.on;
  if (client->watch.on) *fd = client->watch.epoll;
  return status;
}

void apv_client_follow(apv_client *client) {
  client->followed = true;
}

double apv_client_timeout(const apv_client *client) {
  double at = next_turn(client);
  long ms = -1;
  if (at == INFINITY) return -1;
  if (!client->watch.on) curl_multi_timeout(client->multi, &ms);
  double seconds = fmax(0, at - apv_now());
  return ms < 0 ? seconds : fmin(seconds, (double)ms / 1000.0);
}

apv_call *apv_client_next_ended(apv_client *client) {
  struct apv_moment *moment = client->ended.first;
  if (moment == NULL) return NULL;
  apv_timeline_remove(&client->ended, moment);
  moment->call->client = NULL;
  return moment->call;
}

void apv_call_cancel(apv_call *call) {
  if (!call->deadline.listed) return;
  apv_client *client = call->client;
  if (client->owner != getpid()) {
    abandon_engine(client);
    return;
  }
  apv_call_end(call, APV_CANCELLED);
  apv_watch_arm(client, 0); /* a step has ended calls to show */
}

void apv_call_free(apv_call *call) {
  if (call == NULL) return;
  apv_call_cancel(call);
  if (call->client != NULL) {
    apv_timeline_remove(&call->client->ended, &call->turn);
  }
  apv_buffer_free(&call->head);
  apv_buffer_free(&call->body);
  apv_header_list_free(call->own_headers);
  apv_file_drop(call->upload.file);
  apv_credentials_drop(call->credentials);
  apv_release(call, call->block_size);
}

void apv_client_close(apv_client *client) {
  client->closed = true;
  if (client->multi == NULL) return;
  if (client->owner != getpid()) abandon_engine(client);
  end_all(client, APV_CANCELLED);
  while (client->idle_count > 0) {
    curl_easy_cleanup(client->idle[--client->idle_count]);
  }
  if (client->multi != NULL) curl_multi_cleanup(client->multi);
  client->multi = NULL;
  apv_watch_end(client);
}
