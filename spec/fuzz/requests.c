/* Settings and arguments of all kinds, up to a request that could be sent. An
** input is a byte that says which texts are there, the operation, and texts
** with a zero behind each. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/core/client.h"
#include "../../src/core/slice.h"

enum { TEXTS = 10 };

struct texts {
  char *base_url;
  char *proxy;
  char *api_key;
  char *application;
  char *common[2]; /* a header's name and value */
  char *own[2];
  char *token;
  char *sort_by;
};

/* Nobody else is asked than the host that was given. */
static void check_same(CURLU *base, CURLU *url, CURLUPart which) {
  char *wanted = NULL, *found = NULL;
  PROMISE(curl_url_get(base, which, &wanted, 0) == CURLUE_OK);
  PROMISE(curl_url_get(url, which, &found, 0) == CURLUE_OK);
  PROMISE(strcmp(wanted, found) == 0);
  curl_free(wanted);
  curl_free(found);
}

static void check_url(const char *text, const struct apv_transfer *transfer) {
  CURLU *base = curl_url();
  PROMISE(curl_url_set(base, CURLUPART_URL, text, 0) == CURLUE_OK);
  check_same(base, transfer->origin->url, CURLUPART_SCHEME);
  check_same(base, transfer->origin->url, CURLUPART_HOST);
  curl_url_cleanup(base);
}

/* A path, and one line. */
static void check_target(const char *target) {
  PROMISE(target[0] == '/');
  PROMISE(fuzz_is_readable(apv_slice_of(target)));
  PROMISE(strpbrk(target, " #") == NULL);
}

/* One line each, with a name, and only one says who is calling. */
static void check_headers(const struct apv_transfer *transfer) {
  int authorizations = 0;
  const struct curl_slist *line = transfer->nodes;
  for (; line != NULL; line = line->next) {
    PROMISE(fuzz_is_readable(apv_slice_of(line->data)));
    size_t name = strcspn(line->data, ":;");
    PROMISE(line->data[name] != '\0');
    PROMISE(apv_header_name_is_valid(line->data, name));
    struct apv_slice given = {line->data, name};
    if (apv_slice_is(given, "Authorization")) authorizations++;
  }
  PROMISE(authorizations <= 1);
}

static void check_call(apv_client *client, const char *base, apv_call *call) {
  char shown[512];
  struct apv_connections connections = {0};
  struct apv_transfer *transfer;
  struct apv_transfer_spec spec = {.most_bytes = 1};
  size_t size = apv_call_path(call, shown, sizeof shown);
  PROMISE(fuzz_is_readable((struct apv_slice){shown, size}));
  apv_outgoing_describe(&call->request, &spec);
  PROMISE(apv_transfer_new(&client->origin, &connections, &transfer) == APV_OK);
  PROMISE(apv_transfer_prepare(transfer, &spec) == APV_OK);
  check_url(base, transfer);
  check_target(spec.target);
  check_headers(transfer);
  apv_transfer_free(transfer);
}

static void make_call(
  apv_client *client, const struct texts *texts, unsigned given,
  unsigned operation
) {
  struct apv_header header = {texts->own[0], texts->own[1]};
  struct apv_request request = {
    .operation = (enum apv_operation)(operation % APV_OPERATION_COUNT),
    .token = given & 1 ? texts->token : NULL,
    .sort_by = given & 2 ? texts->sort_by : NULL,
    .sort_order = given & 2 ? "asc" : NULL,
    .current_page = given & 4 ? (long)operation : 0,
    .headers = &header,
    .header_count = given & 8 ? 1 : 0,
    .body = given & 16 ? "{}" : NULL,
    .body_size = given & 16 ? 2 : 0,
  };
  struct apv_request_context context = {
    .lines = client->lines,
    .credentials = client->credentials,
    .random = &client->engine.flight.random,
    .base_path = client->origin.path,
  };
  apv_call *call;
  enum apv_status status = apv_call_new(&request, &context, &call);
  PROMISE(status == APV_OK || status == APV_INVALID);
  if (status != APV_OK) return;
  check_call(client, texts->base_url, call);
  apv_call_free(call);
}

/* Whoever refuses a URL says why. */
static bool is_refused(
  enum apv_status (*check)(const char *, const char **), const char *url
) {
  const char *problem = NULL;
  enum apv_status status = check(url, &problem);
  PROMISE(status == APV_OK || (status == APV_INVALID && problem != NULL));
  return status != APV_OK;
}

static void make_client(
  const struct texts *texts, unsigned given, unsigned operation
) {
  struct apv_settings settings;
  struct apv_header header = {texts->common[0], texts->common[1]};
  apv_settings_init(&settings);
  settings.base_url = texts->base_url;
  settings.proxy = given & 32 ? texts->proxy : "";
  settings.api_key = given & 64 ? texts->api_key : NULL;
  bool named = given & 64 && *texts->application != '\0';
  settings.application = named ? texts->application : NULL;
  settings.headers = &header;
  settings.header_count = given & 128 ? 1 : 0;
  apv_client *client;
  enum apv_status status = apv_client_new(&settings, &client);
  PROMISE(status == APV_OK || status == APV_INVALID);
  bool refused = is_refused(apv_check_base_url, texts->base_url);
  if (given & 32) refused |= is_refused(apv_check_proxy, texts->proxy);
  PROMISE(!refused || status == APV_INVALID);
  if (status != APV_OK) return;
  make_call(client, texts, given, operation);
  apv_client_free(client);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct apv_slice input = {(const char *)data, size};
  unsigned given = fuzz_take_byte(&input);
  unsigned operation = fuzz_take_byte(&input);
  struct texts texts;
  char **all[TEXTS] = {
    &texts.base_url,  &texts.token,     &texts.sort_by, &texts.own[0],
    &texts.own[1],    &texts.proxy,     &texts.api_key, &texts.application,
    &texts.common[0], &texts.common[1],
  };
  for (int i = 0; i < TEXTS; i++) *all[i] = fuzz_take_text(&input);
  make_client(&texts, given, operation);
  for (int i = 0; i < TEXTS; i++) free(*all[i]);
  return 0;
}
