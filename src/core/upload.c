/* A part of an upload as the body of a request: a form with the video's id and
** the file, whose bytes are read when libcurl has room for them. As many are
** sent as were announced, whatever happens to the file. */
#include "internal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The service is PHP, which reads a backslash before a quote, and not the
** browsers' %22: that would be in the title. */
static const char ESCAPED_QUOTE[] = "\\\"";

enum {
  LONGEST_NAME = 255, /* bytes of a file name, as most file systems have it */
  BOUNDARY_SIZE = 32,
  /* Of what is around the names in the form and in two header lines. */
  FRAME_SIZE = 768
};

static const long long LARGEST_PART = 9007199254740992; /* 2^53 */

/* --- checks --------------------------------------------------------------- */

bool apv_file_name_is_valid(const char *name, size_t size) {
  if (size < 1 || size > LONGEST_NAME) return false;
  if (memchr(name, '/', size) != NULL || memchr(name, '\\', size) != NULL) {
    return false;
  }
  return apv_text_is_valid(name, size);
}

bool apv_part_is_valid(const struct apv_part *part) {
  const char *id = part->video_id;
  const char *name = part->file_name;
  if (id != NULL && !apv_token_is_valid(id, strlen(id))) return false;
  if (name == NULL || !apv_file_name_is_valid(name, strlen(name))) return false;
  if ((part->file == NULL) == (part->data == NULL)) return false;
  if (part->number < 0 || part->total < 0) return false;
  if (part->total > 0 && part->number > part->total) return false;
  if (part->size < 1 || part->size > LARGEST_PART) return false;
  return part->offset >= 0 && part->offset <= LARGEST_PART;
}

/* --- the form ------------------------------------------------------------- */

size_t apv_upload_text_size(const struct apv_part *part) {
  size_t id_size = part->video_id ? strlen(part->video_id) : 0;
  return FRAME_SIZE + 2 * id_size + 3 * strlen(part->file_name);
}

/* Nobody who made the file can have known it. */
static void write_boundary(apv_client *client, char *out) {
  static const char digits[] = "0123456789abcdef";
  unsigned char bits[BOUNDARY_SIZE / 2];
  apv_random_bytes(client, bits, sizeof bits);
  for (size_t i = 0; i < sizeof bits; i++) {
    *out++ = digits[bits[i] >> 4];
    *out++ = digits[bits[i] & 15];
  }
  *out = '\0';
}

static char *write_quoted(char *out, const char *text) {
  for (; *text != '\0'; text++) {
    if (*text == '"') {
      out += sprintf(out, "%s", ESCAPED_QUOTE);
    } else {
      *out++ = *text;
    }
  }
  *out = '\0';
  return out;
}

/* Writes what comes before the file's bytes. */
static char *write_head(
  char *out, const struct apv_part *part, const char *boundary
) {
  static const char disposition[] = "Content-Disposition: form-data; name=";
  if (part->video_id != NULL) {
    out += sprintf(
      out, "--%s\r\n%s\"videoId\"\r\n\r\n%s\r\n", boundary, disposition,
      part->video_id
    );
  }
  out += sprintf(out, "--%s\r\n%s\"file\"; filename=\"", boundary, disposition);
  out = write_quoted(out, part->file_name);
  out += sprintf(out, "\"\r\nContent-Type: application/octet-stream\r\n\r\n");
  return out;
}

/* Whole files have no range: it would be another form of upload. */
static char *write_range(char *out, const struct apv_part *part) {
  if (part->total > 0) {
    return out +
           sprintf(out, "Content-Range: part %d/%d", part->number, part->total);
  }
  return out + sprintf(out, "Content-Range: part %d/*", part->number);
}

/* Puts a node before the call's header lines. */
static void add_header(apv_call *call, struct curl_slist *node, char *line) {
  node->data = line;
  node->next = call->header_lines;
  call->header_lines = node;
}

void apv_upload_init(apv_call *call, const struct apv_part *part, char *text) {
  struct apv_upload *upload = &call->upload;
  char boundary[BOUNDARY_SIZE + 1];
  write_boundary(call->client, boundary);
  upload->file = apv_file_share(part->file);
  upload->data = part->data;
  upload->offset = part->offset;
  upload->size = part->size;
  call->unsettled = part->repeated;
  upload->video_id = text;
  text += sprintf(text, "%s", part->video_id ? part->video_id : "") + 1;
  upload->head = text;
  text = write_head(text, part, boundary);
  upload->head_size = (size_t)(text - upload->head);
  upload->tail = text + 1;
  text = text + 1 + sprintf(text + 1, "\r\n--%s--\r\n", boundary) + 1;
  upload->tail_size = strlen(upload->tail);
  upload->content_type = text;
  text +=
    sprintf(text, "Content-Type: multipart/form-data; boundary=%s", boundary);
  if (part->number == 0) return;
  upload->content_range = text + 1;
  write_range(text + 1, part);
}

/* No "Expect: 100-continue" of libcurl's: no other client of the service asks,
** and where nobody answers it costs a second for each part. */
void apv_upload_link_headers(apv_call *call) {
  static char no_expect[] = "Expect:";
  struct apv_upload *upload = &call->upload;
  add_header(call, &call->content_type, upload->content_type);
  add_header(call, &upload->expect_node, no_expect);
  if (upload->content_range == NULL) return;
  add_header(call, &upload->range_node, upload->content_range);
}

long long apv_upload_body_size(const apv_call *call) {
  const struct apv_upload *upload = &call->upload;
  return (long long)(upload->head_size + upload->tail_size) + upload->size;
}

/* --- sending -------------------------------------------------------------- */

enum apv_status apv_upload_begin(apv_call *call) {
  struct apv_upload *upload = &call->upload;
  upload->at = 0;
  if (upload->file == NULL) return APV_OK;
  call->broken = apv_file_problem(upload->file);
  if (call->broken == NULL) return APV_OK;
  snprintf(call->failure, sizeof call->failure, "%s", call->broken);
  return APV_FILE;
}

/* Copies what the body has at `at` to `out`; NULL, or what is wrong. `*size` is
** the room, and then how much of it was filled: one piece of the body. */
static const char *fill(
  const struct apv_upload *upload, char *out, size_t *size
) {
  long long at = upload->at;
  const char *from = upload->head;
  long long left = (long long)upload->head_size - at;
  bool in_file = left <= 0;
  if (in_file) {
    at -= (long long)upload->head_size;
    left = upload->size - at;
    from = upload->data ? upload->data + upload->offset : NULL;
  }
  if (left <= 0) {
    at -= upload->size;
    left = (long long)upload->tail_size - at;
    from = upload->tail;
    in_file = false;
  }
  if ((long long)*size > left) *size = (size_t)left;
  if (*size > 0 && in_file && upload->file != NULL) {
    return apv_file_read(upload->file, out, *size, upload->offset + at);
  }
  if (*size > 0) memcpy(out, from + at, *size);
  return NULL;
}

size_t apv_upload_read(apv_call *call, char *out, size_t room) {
  struct apv_upload *upload = &call->upload;
  size_t written = 0;
  apv_call_moves(call);
  while (written < room && upload->at < apv_upload_body_size(call)) {
    size_t size = room - written;
    call->broken = fill(upload, out + written, &size);
    if (call->broken != NULL) {
      call->status = APV_FILE;
      return CURL_READFUNC_ABORT;
    }
    written += size;
    upload->at += (long long)size;
  }
  if (apv_upload_is_whole(call)) upload->whole = true;
  return written;
}

const char *apv_call_video_id(const apv_call *call) {
  return call->upload.video_id;
}

bool apv_upload_is_whole(const apv_call *call) {
  return call->upload.at == apv_upload_body_size(call);
}

long long apv_call_progress(const apv_call *call) {
  const struct apv_upload *upload = &call->upload;
  long long sent = upload->at - (long long)upload->head_size;
  if (sent < 0) return 0;
  return sent < upload->size ? sent : upload->size;
}
