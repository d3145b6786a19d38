/* Parts of uploads, up to the bytes of the form that would be sent. An input is
** the room that libcurl has at a time, the part's number and the total, where
** the part begins, the video's id and the file's name with a zero behind each,
** and the source. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "../../src/core/client.h"

static apv_client *the_client(void) {
  static apv_client *client;
  if (client != NULL) return client;
  struct apv_settings settings;
  apv_settings_init(&settings);
  settings.api_key = "key.canary";
  PROMISE(apv_client_new(&settings, &client) == APV_OK);
  return client;
}

/* The whole form, read with some room at a time; the caller's to free(). */
static struct apv_slice read_form(apv_call *call, size_t room) {
  struct apv_form *form = &call->request.form;
  size_t size = (size_t)apv_form_size(form);
  char *bytes = malloc(size + room);
  size_t at = 0, count;
  PROMISE(apv_form_problem(form) == NULL);
  do {
    count = room;
    PROMISE(apv_form_read(form, bytes + at, &count) == NULL);
    PROMISE(count <= room && at + count <= size);
    at += count;
  } while (count > 0);
  PROMISE(at == size && apv_form_is_whole(form));
  return (struct apv_slice){bytes, size};
}

/* The boundary, as the header names it. */
static const char *boundary_of(const apv_call *call) {
  const char *start = strstr(call->request.form.content_type, "boundary=");
  PROMISE(start != NULL);
  return start + strlen("boundary=");
}

/* A line of the form's headers has as many quotes as its names need, and the
** bytes are where they belong. */
static void check_form(
  const apv_call *call, struct apv_slice form, const struct apv_part *part
) {
  const char *boundary = boundary_of(call);
  size_t border = strlen(boundary);
  PROMISE(form.size > 2 * border);
  PROMISE(memcmp(form.data, "--", 2) == 0);
  PROMISE(memcmp(form.data + 2, boundary, border) == 0);
  const char *tail = form.data + form.size - call->request.form.tail_size;
  PROMISE(memcmp(tail, "\r\n--", 4) == 0);
  PROMISE(memcmp(tail + 4, boundary, border) == 0);
  const char *data = tail - part->size;
  PROMISE(memcmp(data, part->data + part->offset, (size_t)part->size) == 0);
  PROMISE(memcmp(data - 4, "\r\n\r\n", 4) == 0);
  int quotes = 0;
  for (const char *at = form.data + 1; at < data; at++) {
    quotes += *at == '"' && at[-1] != '\\'; /* others are a name's own */
  }
  PROMISE(quotes == (part->video_id ? 6 : 4));
}

static void check_headers(apv_call *call) {
  struct apv_transfer_spec spec = {.most_bytes = 1};
  apv_outgoing_describe(&call->request, &spec);
  for (size_t i = 0; i < spec.extra_count; i++) {
    PROMISE(strpbrk(spec.extra[i], "\r\n") == NULL);
    PROMISE(strncmp(spec.extra[i], "Authorization", 13) != 0);
  }
}

static void check_part(const struct apv_part *part, size_t room) {
  struct apv_request request = {
    .operation = APV_UPLOAD, .token = "token-canary", .part = part};
  apv_call *call;
  apv_client *client = the_client();
  struct apv_request_context context = {
    .base_path = "",
    .lines = client->lines,
    .credentials = client->credentials,
    .random = &client->engine.flight.random,
  };
  enum apv_status status = apv_call_new(&request, &context, &call);
  PROMISE(status == APV_OK || status == APV_INVALID);
  if (status != APV_OK) return;
  struct apv_slice form = read_form(call, room);
  check_form(call, form, part);
  check_headers(call);
  free((char *)form.data);
  apv_call_free(call);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct apv_slice input = {(const char *)data, size};
  size_t room = fuzz_take_byte(&input) + 1;
  struct apv_part part = {
    .number = (int)fuzz_take_byte(&input) - 1,
    .total = (int)fuzz_take_byte(&input) - 1,
    .offset = fuzz_take_byte(&input),
  };
  char *id = fuzz_take_text(&input);
  char *name = fuzz_take_text(&input);
  part.video_id = *id != '\0' ? id : NULL;
  part.file_name = name;
  part.data = input.data;
  part.size = (long long)input.size - part.offset;
  check_part(&part, room);
  free(id);
  free(name);
  return 0;
}
