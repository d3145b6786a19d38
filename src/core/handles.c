/* The transfers of a client. */
#include "handles.h"

#include "library.h"
#include "memory.h"
#include "system.h"

/* CURLMOPT_QUICK_EXIT, which older headers do not have. */
static const CURLMoption QUICK_EXIT = (CURLMoption)(CURLOPTTYPE_LONG + 21);

static void free_connections(struct apv_connections *connections) {
  if (connections == NULL) return;
  apv_connections_free(connections);
  apv_release(connections, sizeof *connections);
}

/* --- what was given up ---------------------------------------------------- */

/* Takes an abandoned transfer out, and frees it. */
static void forget(struct apv_handles *handles, struct apv_transfer *transfer) {
  struct apv_transfer **at = &handles->abandoned;
  while (*at != transfer) at = &(*at)->next;
  *at = transfer->next;
  curl_multi_remove_handle(handles->multi, transfer->easy);
  apv_transfer_free(transfer);
}

/* An older libcurl waits for its thread when a transfer is taken out of the
** lookup of a name: it stays in, and ends by itself. */
static bool abandon(
  struct apv_handles *handles, struct apv_transfer *transfer
) {
  if (apv_library_gives_up_lookups()) return false;
  if (!apv_exchange_looks_up(&transfer->exchange)) return false;
  apv_transfer_abandon(transfer);
  transfer->next = handles->abandoned;
  handles->abandoned = transfer;
  return true;
}

/* --- life ----------------------------------------------------------------- */

enum apv_status apv_handles_open(
  struct apv_handles *handles, const struct apv_origin *origin
) {
  *handles = (struct apv_handles){.origin = origin};
  handles->connections = apv_allocate(sizeof *handles->connections);
  if (handles->connections == NULL) return APV_NO_MEMORY;
  handles->multi = curl_multi_init();
  if (handles->multi == NULL) {
    free_connections(handles->connections);
    /* From 8.21 on libcurl opens some of its own. */
    return apv_system_lacks_descriptors(2) ? APV_CONNECTION : APV_NO_MEMORY;
  }
  long most = origin->max_connections;
  curl_multi_setopt(handles->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
  curl_multi_setopt(handles->multi, CURLMOPT_MAXCONNECTS, most);
  /* From 8.20 on: closing does not wait for a lookup that hangs. */
  curl_multi_setopt(handles->multi, QUICK_EXIT, 1L);
  return APV_OK;
}

static void free_all(struct apv_transfer *list) {
  while (list != NULL) {
    struct apv_transfer *transfer = list;
    list = transfer->next;
    apv_transfer_free(transfer);
  }
}

/* Ends what is left of handles; waits for lookups that hang. */
static void bury(void *argument) {
  struct apv_handles *handles = argument;
  struct apv_transfer *transfer = handles->abandoned;
  struct apv_system_pipe pipe;
  apv_system_hold_pipe(&pipe);
  for (; transfer != NULL; transfer = transfer->next) {
    curl_multi_remove_handle(handles->multi, transfer->easy);
  }
  free_all(handles->abandoned);
  curl_multi_cleanup(handles->multi);
  free_connections(handles->connections);
  apv_release(handles, sizeof *handles);
  apv_system_release_pipe(&pipe);
}

/* A lookup that hangs is not waited for here. Whoever watches the sockets may
** be gone before it ends, and is told of nothing any more. */
static bool bury_aside(struct apv_handles *handles) {
  if (handles->abandoned == NULL) return false;
  struct apv_handles *remains = apv_allocate(sizeof *remains);
  if (remains == NULL) return false;
  curl_multi_setopt(handles->multi, CURLMOPT_SOCKETFUNCTION, NULL);
  curl_multi_setopt(handles->multi, CURLMOPT_TIMERFUNCTION, NULL);
  *remains = *handles;
  apv_system_run_aside(bury, remains);
  return true;
}

void apv_handles_close(struct apv_handles *handles) {
  free_all(handles->idle);
  handles->idle = NULL;
  if (handles->multi != NULL && !bury_aside(handles)) {
    while (handles->abandoned != NULL) forget(handles, handles->abandoned);
    curl_multi_cleanup(handles->multi);
    free_connections(handles->connections);
  }
  *handles = (struct apv_handles){0};
}

void apv_handles_leave(struct apv_handles *handles) {
  free_connections(handles->connections);
  *handles = (struct apv_handles){0};
}

/* --- transfers ------------------------------------------------------------ */

static enum apv_status take(
  struct apv_handles *handles, struct apv_transfer **transfer
) {
  *transfer = handles->idle;
  if (*transfer == NULL) {
    return apv_transfer_new(handles->origin, handles->connections, transfer);
  }
  handles->idle = (*transfer)->next;
  handles->idle_count--;
  return APV_OK;
}

/* One that is not kept takes no connection with it: those belong to the multi
** handle. */
static void give_back(
  struct apv_handles *handles, struct apv_transfer *transfer
) {
  if (handles->idle_count >= handles->origin->max_connections) {
    apv_transfer_free(transfer);
    return;
  }
  transfer->next = handles->idle;
  handles->idle = transfer;
  handles->idle_count++;
}

struct apv_transfer *apv_handles_send(
  struct apv_handles *handles, const struct apv_transfer_spec *spec,
  struct apv_verdict *verdict
) {
  char words[APV_LIBRARY_WORDS] = "";
  struct apv_transfer *transfer;
  enum apv_status status = take(handles, &transfer);
  if (status == APV_OK) status = apv_transfer_prepare(transfer, spec);
  if (status == APV_OK) {
    CURLMcode code = curl_multi_add_handle(handles->multi, transfer->easy);
    status = apv_library_multi_status(code, words);
  }
  if (status == APV_OK) return transfer;
  apv_transfer_free(transfer);
  apv_verdict_replace(verdict, status, words);
  return NULL;
}

bool apv_handles_restart(
  struct apv_handles *handles, struct apv_transfer *transfer, CURLcode *code
) {
  CURLMcode added = CURLM_OUT_OF_MEMORY;
  curl_multi_remove_handle(handles->multi, transfer->easy);
  if (apv_transfer_renew(transfer) == APV_OK) {
    added = curl_multi_add_handle(handles->multi, transfer->easy);
  }
  if (added == CURLM_OUT_OF_MEMORY) *code = CURLE_OUT_OF_MEMORY;
  return added == CURLM_OK;
}

void apv_handles_end(
  struct apv_handles *handles, struct apv_transfer *transfer, CURLcode code,
  const struct apv_secrets *secrets, struct apv_verdict *verdict
) {
  if (handles->multi == NULL) { /* they were left: the parent goes on */
    verdict->sent = transfer->exchange.begun;
    verdict->maybe_processed = transfer->exchange.begun;
    return;
  }
  bool finished = transfer->finished;
  if (code == CURLE_OPERATION_TIMEDOUT) apv_transfer_blame(transfer);
  apv_transfer_finish(transfer, code, secrets, verdict);
  if (!finished && abandon(handles, transfer)) return;
  curl_multi_remove_handle(handles->multi, transfer->easy);
  apv_transfer_release(transfer);
  give_back(handles, transfer);
}

/* --- moving on ------------------------------------------------------------ */

CURLMcode apv_handles_move(struct apv_handles *handles) {
  int running;
  return curl_multi_perform(handles->multi, &running);
}

CURLMcode apv_handles_wait(struct apv_handles *handles, int ms) {
  return curl_multi_poll(handles->multi, NULL, 0, ms, NULL);
}

double apv_handles_timeout(const struct apv_handles *handles) {
  long ms = -1;
  if (handles->multi != NULL) curl_multi_timeout(handles->multi, &ms);
  return ms < 0 ? -1 : (double)ms / 1000.0;
}

static struct apv_transfer *transfer_of(CURL *easy) {
  char *found = NULL;
  curl_easy_getinfo(easy, CURLINFO_PRIVATE, &found);
  return (struct apv_transfer *)(void *)found;
}

struct apv_transfer *apv_handles_find(CURL *easy) {
  struct apv_transfer *transfer = transfer_of(easy);
  return transfer->exchange.owner != NULL ? transfer : NULL;
}

struct apv_transfer *apv_handles_next_finished(
  struct apv_handles *handles, CURLcode *code
) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(handles->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    *code = message->data.result;
    struct apv_transfer *transfer = transfer_of(message->easy_handle);
    transfer->finished = true;
    if (transfer->exchange.owner != NULL) return transfer;
    forget(handles, transfer);
  }
  return NULL;
}
