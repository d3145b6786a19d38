/* Parts of uploads, up to the bytes of the form that would be sent. An input is
** the room that libcurl has at a time, the part's number and the total, where
** the part begins, the video's id and the file's name with a zero behind each,
** and the source. */
#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

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
  size_t size = (size_t)apv_upload_body_size(call);
  char *form = malloc(size + room);
  size_t at = 0, count;
  PROMISE(apv_upload_begin(call) == APV_OK);
  while ((count = apv_upload_read(call, form + at, room)) > 0) {
    PROMISE(count <= room && at + count <= size);
    at += count;
  }
  PROMISE(at == size && apv_upload_is_whole(call));
  return (struct apv_slice){form, size};
}

/* The boundary, as the header names it. */
static const char *boundary_of(const apv_call *call) {
  const char *start = strstr(call->upload.content_type, "boundary=");
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
  const char *tail = form.data + form.size - call->upload.tail_size;
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

static void check_headers(const apv_call *call) {
  const struct curl_slist *line = call->header_lines;
  for (; line != NULL; line = line->next) {
    PROMISE(strpbrk(line->data, "\r\n") == NULL);
    PROMISE(strncmp(line->data, "Authorization", 13) != 0);
  }
}

static void check_part(const struct apv_part *part, size_t room) {
  struct apv_request request = {
    .operation = APV_UPLOAD, .token = "token-canary", .part = part};
  apv_call *call;
  enum apv_status status = apv_call_new(the_client(), &request, &call);
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
