/* The transfers of a client. */
#include "handles.h"

#include "memory.h"

/* CURLMOPT_QUICK_EXIT, which older headers do not have. */
static const CURLMoption QUICK_EXIT = (CURLMoption)(CURLOPTTYPE_LONG + 21);

/* --- life ----------------------------------------------------------------- */

enum apv_status apv_handles_open(
  struct apv_handles *handles, const struct apv_origin *origin
) {
  *handles = (struct apv_handles){.origin = origin};
  handles->multi = curl_multi_init();
  if (handles->multi == NULL) return APV_NO_MEMORY;
  long most = origin->max_connections;
  curl_multi_setopt(handles->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, most);
  curl_multi_setopt(handles->multi, CURLMOPT_MAXCONNECTS, most);
  /* From 8.20 on: closing does not wait for a lookup that hangs. */
  curl_multi_setopt(handles->multi, QUICK_EXIT, 1L);
  return APV_OK;
}

void apv_handles_close(struct apv_handles *handles) {
  while (handles->idle != NULL) {
    struct apv_transfer *transfer = handles->idle;
    handles->idle = transfer->next;
    apv_transfer_free(transfer);
  }
  if (handles->multi != NULL) curl_multi_cleanup(handles->multi);
  apv_connections_free(&handles->connections);
  *handles = (struct apv_handles){0};
}

void apv_handles_leave(struct apv_handles *handles) {
  apv_connections_free(&handles->connections);
  *handles = (struct apv_handles){0};
}

/* --- transfers ------------------------------------------------------------ */

static enum apv_status take(
  struct apv_handles *handles, struct apv_transfer **transfer
) {
  *transfer = handles->idle;
  if (*transfer == NULL) {
    return apv_transfer_new(handles->origin, &handles->connections, transfer);
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

enum apv_status apv_handles_send(
  struct apv_handles *handles, const struct apv_transfer_spec *spec,
  struct apv_transfer **out
) {
  struct apv_transfer *transfer;
  *out = NULL;
  enum apv_status status = take(handles, &transfer);
  if (status != APV_OK) return status;
  status = apv_transfer_prepare(transfer, spec);
  if (status != APV_OK) goto fail;
  status = APV_NO_MEMORY;
  if (curl_multi_add_handle(handles->multi, transfer->easy) != CURLM_OK) {
    goto fail;
  }
  *out = transfer;
  return APV_OK;
fail:
  apv_transfer_free(transfer);
  return status;
}

enum apv_status apv_handles_restart(
  struct apv_handles *handles, struct apv_transfer *transfer
) {
  curl_multi_remove_handle(handles->multi, transfer->easy);
  enum apv_status status = apv_transfer_renew(transfer);
  if (status != APV_OK) return status;
  CURLMcode code = curl_multi_add_handle(handles->multi, transfer->easy);
  return code == CURLM_OK ? APV_OK : APV_NO_MEMORY;
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
  if (code == CURLE_OPERATION_TIMEDOUT) apv_transfer_blame(transfer);
  apv_transfer_finish(transfer, code, secrets, verdict);
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

struct apv_transfer *apv_handles_next_finished(
  struct apv_handles *handles, CURLcode *code
) {
  CURLMsg *message;
  int left;
  while ((message = curl_multi_info_read(handles->multi, &left)) != NULL) {
    if (message->msg != CURLMSG_DONE) continue;
    char *transfer = NULL;
    *code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
    return (struct apv_transfer *)(void *)transfer;
  }
  return NULL;
}
