/* A client: its settings, checked and copied, from birth to death. */
#include "internal.h"

#include <pthread.h>
#include <string.h>

void apv_settings_init(struct apv_settings *settings) {
  *settings = (struct apv_settings){
    .base_url = "https://ws.api.video",
    .timeout = 30,
    .connect_timeout = 10,
    .max_connections = 16,
    .max_response_bytes = 8 * 1024 * 1024,
  };
}

/* --- libcurl's global state ----------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_code;

/* Never cleaned up: the host may use libcurl as well. */
static void global_init(void) {
  global_code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* --- checks --------------------------------------------------------------- */

/* "127.evil.example" is a name: all of it must be of an address. */
static bool is_loopback(const char *host) {
  if (strncmp(host, "127.", 4) == 0) {
    return strspn(host, "0123456789.") == strlen(host);
  }
  return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static bool has_part(CURLU *url, CURLUPart part) {
  char *text = NULL;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return false;
  curl_free(text);
  return true;
}

static bool is_loopback_url(CURLU *url) {
  char *host = NULL;
  if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK) return false;
  bool loopback = is_loopback(host);
  curl_free(host);
  return loopback;
}

static const char *parsed_url_problem(CURLU *url, const char *text) {
  if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK) {
    return "is not a URL";
  }
  if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD)) {
    return "must not hold a user name or password";
  }
  if (has_part(url, CURLUPART_QUERY) || has_part(url, CURLUPART_FRAGMENT)) {
    return "must not have a query or fragment";
  }
  if (strncmp(text, "https:", 6) != 0 && !is_loopback_url(url)) {
    return "must start with https:// (http:// is for loopback hosts only)";
  }
  return NULL;
}

const char *apv_base_url_problem(const char *text) {
  if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0) {
    return "must start with https://";
  }
  if (!apv_text_is_valid(text, strlen(text)) || strchr(text, ' ') != NULL) {
    return "is not a URL";
  }
  CURLU *url = curl_url();
  if (url == NULL) return "cannot be checked: not enough memory";
  const char *problem = parsed_url_problem(url, text);
  curl_url_cleanup(url);
  return problem;
}

static bool text_is_valid(const char *text) {
  return text == NULL || apv_text_is_valid(text, strlen(text));
}

static bool settings_are_valid(const struct apv_settings *settings) {
  if (apv_base_url_problem(settings->base_url) != NULL) return false;
  if (!text_is_valid(settings->api_key) || !text_is_valid(settings->sdk) ||
      !text_is_valid(settings->application)) {
    return false;
  }
  for (size_t i = 0; i < settings->header_count; i++) {
    const struct apv_header *header = &settings->headers[i];
    if (!apv_header_name_is_valid(header->name, strlen(header->name)) ||
        apv_header_name_is_reserved(header->name) ||
        !text_is_valid(header->value)) {
      return false;
    }
  }
  return settings->timeout > 0 && settings->connect_timeout > 0 &&
         settings->max_connections > 0 && settings->max_response_bytes > 0;
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
  pthread_once(&once, global_init);
  if (global_code != CURLE_OK) return APV_NO_MEMORY;
  if (!settings_are_valid(settings)) return APV_INVALID;
  apv_client *client = apv_allocate(sizeof *client);
  if (client == NULL) return APV_NO_MEMORY;
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
