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

/* --- the list of calls in flight, earliest deadline first ----------------- */

/* From the back: calls mostly come with deadlines in their own order. */
static void list_insert(apv_client *client, apv_call *call) {
  apv_call *before = client->last;
  while (before != NULL && before->deadline > call->deadline) {
    before = before->previous;
  }
  call->previous = before;
  call->next = before ? before->next : client->first;
  if (call->next != NULL) {
    call->next->previous = call;
  } else {
    client->last = call;
  }
  if (before != NULL) {
    before->next = call;
  } else {
    client->first = call;
  }
  client->in_flight++;
}

static void list_remove(apv_client *client, apv_call *call) {
  if (call->previous != NULL) {
    call->previous->next = call->next;
  } else {
    client->first = call->next;
  }
  if (call->next != NULL) {
    call->next->previous = call->previous;
  } else {
    client->last = call->previous;
  }
  call->previous = NULL;
  call->next = NULL;
  client->in_flight--;
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

/* --- the end of a call ---------------------------------------------------- */

/* Every call in flight ends here; `call->status` says how. */
static void end_call(apv_call *call) {
  apv_client *client = call->client;
  call->elapsed = apv_now() - call->started;
  call->done = true;
  call->client = NULL;
  list_remove(client, call);
  if (call->easy != NULL) {
    call->sent = apv_transfer_sent(call);
    apv_transfer_release(call->easy);
    curl_multi_remove_handle(client->multi, call->easy);
    return_handle(client, call->easy);
    call->easy = NULL;
  }
}

static void end_all(apv_client *client, enum apv_status status) {
  while (client->first != NULL) {
    client->first->status = status;
    end_call(client->first);
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
    apv_transfer_finish(call, code);
    end_call(call);
  }
}

static void end_overdue(apv_client *client) {
  double now = apv_now();
  while (client->first != NULL && client->first->deadline <= now) {
    apv_call *call = client->first;
    apv_transfer_finish(call, CURLE_OPERATION_TIMEDOUT);
    snprintf(
      call->failure, sizeof call->failure, "no answer within %.3g s",
      call->deadline - call->started
    );
    end_call(call);
  }
}

/* --- the process ---------------------------------------------------------- */

/* After a fork the child must touch nothing of the parent's: connections,
** TLS state and handles are left as they are, unclosed. */
static void abandon_engine(apv_client *client) {
  client->multi = NULL;
  client->idle_count = 0;
  for (apv_call *call = client->first; call != NULL; call = call->next) {
    call->easy = NULL;
  }
  end_all(client, APV_CANCELLED);
}

/* Makes the engine this process's own; false: no memory. */
static bool enter(apv_client *client) {
  pid_t self = getpid();
  if (client->multi != NULL && client->owner != self) abandon_engine(client);
  if (client->multi != NULL) return true;
  client->owner = self;
  client->multi = curl_multi_init();
  if (client->multi == NULL) return false;
  long limit = client->max_connections;
  curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, limit);
  curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, limit);
  return true;
}

/* --- what the caller sees ------------------------------------------------- */

static enum apv_status send_call(apv_client *client, apv_call *call) {
  CURL *easy = take_handle(client);
  if (easy == NULL) return APV_NO_MEMORY;
  if (apv_transfer_prepare(easy, call) != CURLE_OK ||
      curl_multi_add_handle(client->multi, easy) != CURLM_OK) {
    curl_easy_cleanup(easy);
    return APV_NO_MEMORY;
  }
  call->easy = easy;
  call->attempts++;
  list_insert(client, call);
  return APV_OK;
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
  status = send_call(client, call);
  if (status != APV_OK) {
    apv_call_free(call);
    return status;
  }
  *out = call;
  return APV_OK;
}

/* Milliseconds until `until` or the first deadline, rounded up. */
static int wait_ms(const apv_client *client, double until) {
  if (client->first->deadline < until) until = client->first->deadline;
  double ms = ceil((until - apv_now()) * 1000.0);
  if (ms <= 0) return 0;
  return ms > 60000 ? 60000 : (int)ms;
}

int apv_client_step(apv_client *client, double seconds) {
  if (client->in_flight == 0 || !enter(client)) return client->in_flight;
  double until = apv_now() + seconds;
  int before = client->in_flight;
  while (client->in_flight > 0) {
    int running;
    CURLMcode code = curl_multi_perform(client->multi, &running);
    collect_finished(client);
    if (code != CURLM_OK) end_all(client, APV_NO_MEMORY);
    end_overdue(client);
    if (client->in_flight < before || apv_now() >= until) break;
    code =
      curl_multi_poll(client->multi, NULL, 0, wait_ms(client, until), NULL);
    if (code != CURLM_OK) end_all(client, APV_NO_MEMORY);
  }
  return client->in_flight;
}

void apv_call_cancel(apv_call *call) {
  if (call->easy == NULL) return;
  apv_client *client = call->client;
  if (client->owner != getpid()) {
    abandon_engine(client);
    return;
  }
  call->status = APV_CANCELLED;
  end_call(call);
}

void apv_call_free(apv_call *call) {
  if (call == NULL) return;
  apv_call_cancel(call);
  apv_buffer_free(&call->head);
  apv_buffer_free(&call->body);
  apv_header_list_free(call->own_headers);
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
}
