/* A client: its settings, checked and copied, from birth to death. */
#include "internal.h"

#include <string.h>

enum { MOST_CONNECTIONS = 10000, MOST_RETRIES = 100 };

void apv_settings_init(struct apv_settings *settings) {
  *settings = (struct apv_settings){
    .base_url = "https://ws.api.video",
    .timeout = 30,
    .connect_timeout = 10,
    .retries = 2,
    .max_connections = 16,
    .max_response_bytes = 8 * 1024 * 1024,
  };
}

/* --- checks --------------------------------------------------------------- */

static bool text_is_valid(const char *text) {
  return text == NULL || apv_text_is_valid(text, strlen(text));
}

static bool is_time(double seconds) {
  return seconds > 0 && seconds <= APV_LONGEST_TIME;
}

static enum apv_status check_urls(const struct apv_settings *settings) {
  const char *problem;
  enum apv_status status = apv_check_base_url(settings->base_url, &problem);
  if (status != APV_OK || settings->proxy == NULL) return status;
  return apv_check_proxy(settings->proxy, &problem);
}

static bool settings_are_valid(const struct apv_settings *settings) {
  if (!text_is_valid(settings->ca_file)) return false;
  if (!text_is_valid(settings->api_key) || !text_is_valid(settings->sdk) ||
      !text_is_valid(settings->application)) {
    return false;
  }
  if (!apv_headers_are_valid(settings->headers, settings->header_count)) {
    return false;
  }
  return is_time(settings->timeout) && is_time(settings->connect_timeout) &&
         settings->retries >= 0 && settings->retries <= MOST_RETRIES &&
         settings->max_connections > 0 &&
         settings->max_connections <= MOST_CONNECTIONS &&
         settings->max_response_bytes > 0;
}

/* --- life ----------------------------------------------------------------- */

static char *copy(const char *text) {
  size_t size = strlen(text) + 1;
  char *copied = apv_allocate(size);
  if (copied != NULL) memcpy(copied, text, size);
  return copied;
}

static void release_text(char *text) {
  if (text != NULL) apv_release(text, strlen(text));
}

/* Copies `text`, if there is any; false: no memory. */
static bool copy_into(char **field, const char *text) {
  if (text == NULL) return true;
  *field = copy(text);
  return *field != NULL;
}

static bool copy_settings(
  apv_client *client, const struct apv_settings *settings
) {
  const char *ca_file = settings->ca_file;
  client->timeout = settings->timeout;
  client->connect_timeout = settings->connect_timeout;
  client->retries = settings->retries;
  client->max_connections = settings->max_connections;
  client->max_response_bytes = settings->max_response_bytes;
  if (ca_file == NULL) ca_file = apv_default_ca_file();
  if (!copy_into(&client->base_url, settings->base_url)) return false;
  if (!copy_into(&client->proxy, settings->proxy)) return false;
  if (!copy_into(&client->ca_file, ca_file)) return false;
  size_t size = strlen(client->base_url);
  if (client->base_url[size - 1] == '/') client->base_url[size - 1] = '\0';
  client->headers = apv_common_headers(settings);
  client->credentials = apv_credentials_new(settings->api_key, NULL);
  client->idle =
    apv_allocate((size_t)client->max_connections * sizeof *client->idle);
  return client->headers != NULL && client->credentials != NULL &&
         client->idle != NULL;
}

enum apv_status apv_client_new(
  const struct apv_settings *settings, apv_client **out
) {
  *out = NULL;
  enum apv_status status = apv_global_init();
  if (status != APV_OK) return status;
  status = check_urls(settings);
  if (status != APV_OK) return status;
  if (!settings_are_valid(settings)) return APV_INVALID;
  apv_client *client = apv_allocate(sizeof *client);
  if (client == NULL) return APV_NO_MEMORY;
  client->retry_budget = APV_RETRY_BUDGET;
  apv_lanes_init(client);
  if (!copy_settings(client, settings)) {
    apv_client_free(client);
    return APV_NO_MEMORY;
  }
  *out = client;
  return APV_OK;
}

bool apv_client_closed(const apv_client *client) {
  return client->closed;
}

enum apv_status apv_client_set_access_token(
  apv_client *client, const char *access_token
) {
  if (access_token != NULL && *access_token == '\0') return APV_INVALID;
  if (!text_is_valid(access_token)) return APV_INVALID;
  const char *api_key = client->credentials->api_key;
  struct apv_credentials *renewed = apv_credentials_new(api_key, access_token);
  if (renewed == NULL) return APV_NO_MEMORY;
  apv_credentials_drop(client->credentials);
  client->credentials = renewed;
  return APV_OK;
}

void apv_client_free(apv_client *client) {
  if (client == NULL) return;
  apv_client_close(client);
  while (apv_client_next_ended(client) != NULL) continue;
  release_text(client->base_url);
  release_text(client->proxy);
  release_text(client->ca_file);
  apv_header_list_free(client->headers);
  apv_credentials_drop(client->credentials);
  apv_release(
    client->idle, (size_t)client->max_connections * sizeof *client->idle
  );
  apv_release(client, sizeof *client);
}
