/* A client, from birth to death, and what it does for a host. */
#include "client.h"

#include <math.h>
#include <string.h>

#include "checksum.h"
#include "library.h"
#include "memory.h"
#include "system.h"
#include "text.h"
#include "url.h"

void apv_settings_init(struct apv_settings *settings) {
  *settings = (struct apv_settings){
    .base_url = "https://ws.api.video",
    .timeout = 30,
    .attempt_timeout = 10,
    .idle_timeout = 30,
    .connect_timeout = 10,
    .retries = 2,
    .max_connections = 16,
    .max_response_bytes = 8 * 1024 * 1024,
  };
}

/* --- checks --------------------------------------------------------------- */

/* Of an application or an SDK. */
static bool identity_is_valid(const char *text) {
  if (text == NULL) return true;
  size_t size = strcspn(text, ":");
  return apv_identity_name_is_valid(text, size) && text[size] == ':' &&
         apv_version_is_valid(text + size + 1);
}

static bool is_time(double seconds) {
  return seconds > 0 && seconds <= APV_LONGEST_TIME;
}

static bool numbers_are_valid(const struct apv_settings *settings) {
  return is_time(settings->timeout) && is_time(settings->connect_timeout) &&
         is_time(settings->idle_timeout) && settings->attempt_timeout >= 0 &&
         settings->attempt_timeout <= APV_LONGEST_TIME &&
         settings->retries >= 0 && settings->retries <= APV_MOST_RETRIES &&
         settings->max_connections > 0 &&
         settings->max_connections <= APV_MOST_CONNECTIONS &&
         settings->max_response_bytes > 0 &&
         settings->max_response_bytes <= APV_MOST_RESPONSE_BYTES;
}

enum apv_status apv_check_plain(
  const struct apv_settings *settings, const char **problem
) {
  const char *proxy = settings->proxy;
  if (apv_url_is_secure(settings->base_url)) return APV_OK;
  if (proxy == NULL || *proxy == '\0') return APV_OK;
  *problem =
    "proxy is for https:// only: plain HTTP does not leave this machine";
  return APV_INVALID;
}

enum apv_status apv_check_ca_file(const char *path, const char **problem) {
  *problem = apv_text_problem(path);
  if (*path == '\0') {
    *problem =
      "must be the path of a PEM bundle, got \"\": leave it out for the"
      " system's";
  }
  return *problem == NULL ? APV_OK : APV_INVALID;
}

static enum apv_status check_settings(const struct apv_settings *settings) {
  const char *problem;
  const char *key = settings->api_key, *proxy = settings->proxy;
  const char *ca_file = settings->ca_file;
  if (settings->base_url == NULL) return APV_INVALID;
  enum apv_status status = apv_check_base_url(settings->base_url, &problem);
  if (status == APV_OK && key != NULL)
    status = apv_check_api_key(key, &problem);
  if (status == APV_OK && proxy != NULL) {
    status = apv_check_proxy(proxy, &problem);
  }
  if (status == APV_OK && ca_file != NULL) {
    status = apv_check_ca_file(ca_file, &problem);
  }
  if (status == APV_OK) status = apv_check_plain(settings, &problem);
  if (status != APV_OK) return status;
  bool valid = identity_is_valid(settings->sdk) &&
               identity_is_valid(settings->application) &&
               numbers_are_valid(settings) &&
               apv_headers_are_valid(settings->headers, settings->header_count);
  return valid ? APV_OK : APV_INVALID;
}

/* --- life ----------------------------------------------------------------- */

static unsigned long long account_of(const struct apv_settings *settings) {
  const char *key = settings->api_key;
  struct apv_slice url = {settings->base_url, strlen(settings->base_url)};
  unsigned long long sum = apv_checksum(url) * 31;
  if (key == NULL) return sum;
  return sum + apv_checksum((struct apv_slice){key, strlen(key)});
}

enum apv_status apv_client_new(
  const struct apv_settings *settings, apv_client **out
) {
  apv_client *client = NULL;
  *out = NULL;
  enum apv_status status = apv_library_init();
  if (status == APV_OK) status = check_settings(settings);
  if (status != APV_OK) return status;
  client = apv_allocate(sizeof *client);
  if (client == NULL) return APV_NO_MEMORY;
  client->timeout = settings->timeout;
  client->attempt_timeout = settings->attempt_timeout;
  client->idle_timeout = settings->idle_timeout;
  client->retries = settings->retries;
  client->account = account_of(settings);
  client->lines = apv_lines_common(settings);
  client->credentials = apv_credentials_new(settings->api_key, NULL);
  apv_engine_init(
    &client->engine, &client->origin, settings->max_response_bytes
  );
  status = apv_origin_init(&client->origin, settings);
  if (client->lines == NULL || client->credentials == NULL) {
    status = APV_NO_MEMORY;
  }
  if (status != APV_OK) goto fail;
  *out = client;
  return APV_OK;
fail:
  apv_client_free(client);
  return status;
}

void apv_client_close(apv_client *client) {
  apv_engine_close(&client->engine);
}

void apv_client_free(apv_client *client) {
  if (client == NULL) return;
  apv_client_close(client);
  while (apv_client_next_ended(client) != NULL) continue;
  while (apv_client_next_fired(client) != NULL) continue;
  apv_origin_free(&client->origin);
  apv_lines_free(client->lines);
  apv_credentials_drop(client->credentials);
  apv_release(client, sizeof *client);
}

bool apv_client_closed(const apv_client *client) {
  return client->engine.closed;
}

enum apv_status apv_client_set_access_token(
  apv_client *client, const char *access_token
) {
  if (access_token != NULL) {
    bool empty = *access_token == '\0';
    if (empty || apv_text_problem(access_token) != NULL) return APV_INVALID;
  }
  const char *api_key = client->credentials->api_key;
  struct apv_credentials *renewed = apv_credentials_new(api_key, access_token);
  if (renewed == NULL) return APV_NO_MEMORY;
  apv_credentials_drop(client->credentials);
  client->credentials = renewed;
  return APV_OK;
}

size_t apv_client_redact(
  const apv_client *client, struct apv_slice text, char *out, size_t size
) {
  const struct apv_credentials *credentials = client->credentials;
  struct apv_secrets secrets = {
    .hidden = {credentials->secret, credentials->api_key}};
  return apv_secrets_redact(&secrets, text, out, size);
}

/* --- moving on ------------------------------------------------------------ */

int apv_client_step(apv_client *client, double seconds) {
  apv_engine_step(&client->engine, seconds);
  return client->engine.flight.in_flight;
}

int apv_client_in_flight(const apv_client *client) {
  return client->engine.flight.in_flight;
}

apv_call *apv_client_next_ended(apv_client *client) {
  return apv_flight_next_ended(&client->engine.flight);
}

apv_timer *apv_client_next_fired(apv_client *client) {
  return apv_engine_next_fired(&client->engine);
}

enum apv_status apv_client_fd(apv_client *client, int *fd) {
  return apv_engine_fd(&client->engine, fd);
}

void apv_client_follow(apv_client *client) {
  client->engine.followed = true;
}

double apv_client_timeout(const apv_client *client) {
  return apv_engine_timeout(&client->engine);
}

double apv_now(void) {
  return apv_system_now();
}

/* --- calls ---------------------------------------------------------------- */

/* Sets the limits of the call; returns seconds until its deadline. An upload
** without a timeout has none: it ends when it makes no progress. */
static double set_limits(
  const apv_client *client, const struct apv_request *request, apv_call *call
) {
  struct apv_schedule *schedule = &call->schedule;
  bool uploads = request->operation == APV_UPLOAD;
  schedule->started = apv_system_now();
  schedule->retries =
    request->retries >= 0 ? request->retries : client->retries;
  if (uploads) {
    schedule->idle_limit =
      request->idle_timeout > 0 ? request->idle_timeout : client->idle_timeout;
  } else if (apv_outgoing_is_repeatable(&call->request)) {
    schedule->attempt_limit = request->attempt_timeout >= 0
                                ? request->attempt_timeout
                                : client->attempt_timeout;
  }
  if (request->timeout > 0) return request->timeout;
  return uploads ? INFINITY : client->timeout;
}

enum apv_status apv_call_start(
  apv_client *client, const struct apv_request *request, apv_call **out
) {
  struct apv_request_context context = {
    .base_path = client->origin.path,
    .lines = client->lines,
    .credentials = client->credentials,
    .random = &client->engine.flight.random,
  };
  *out = NULL;
  enum apv_status status = apv_engine_enter(&client->engine);
  if (status != APV_OK) return status;
  status = apv_call_new(request, &context, out);
  if (status != APV_OK) return status;
  double timeout = set_limits(client, request, *out);
  apv_engine_start(&client->engine, *out, timeout);
  return APV_OK;
}

void apv_call_cancel(apv_call *call) {
  if (call->done || call->flight == NULL) return;
  apv_engine_cancel(apv_engine_of(call->flight), call);
}

void apv_call_free(apv_call *call) {
  if (call == NULL) return;
  apv_call_cancel(call);
  apv_flight_forget(call);
  apv_call_release(call);
}

/* --- timers --------------------------------------------------------------- */

enum apv_status apv_timer_start(
  apv_client *client, double seconds, apv_timer **out
) {
  *out = NULL;
  if (!(seconds <= APV_LONGEST_TIME)) return APV_INVALID;
  enum apv_status status = apv_engine_enter(&client->engine);
  if (status != APV_OK) return status;
  apv_timer *timer = apv_timer_new();
  if (timer == NULL) return APV_NO_MEMORY;
  apv_engine_start_timer(&client->engine, timer, seconds);
  *out = timer;
  return APV_OK;
}

void apv_timer_stop(apv_timer *timer) {
  if (timer->engine != NULL) apv_engine_stop_timer(timer->engine, timer);
}

void apv_timer_free(apv_timer *timer) {
  if (timer == NULL) return;
  apv_timer_stop(timer);
  if (timer->engine != NULL) {
    apv_timeline_remove(&timer->engine->fired, &timer->moment);
  }
  apv_timer_release(timer);
}
