/* A part of an upload as the body of a request. As many bytes are sent as were
** announced, whatever happens to the file. */
#include "form.h"

#include <stdio.h>
#include <string.h>

#include "file.h"

/* HTML forms escape CR, LF and '"'; apv_file_name_is_valid() has excluded the
** first two. */
static const char ESCAPED_QUOTE[] = "%22";

enum {
  BOUNDARY_SIZE = 32,
  /* Of what is around the names in the form and in two header lines. */
  FRAME_SIZE = 768
};

bool apv_part_is_valid(const struct apv_part *part) {
  const char *id = part->video_id;
  const char *name = part->file_name;
  if (id != NULL && !apv_token_is_valid(id, strlen(id))) return false;
  if (name == NULL || !apv_file_name_is_valid(name, strlen(name))) return false;
  if ((part->file == NULL) == (part->data == NULL)) return false;
  if (part->number < 0 || part->number > APV_MOST_PARTS) return false;
  if (part->total < 0 || part->total > APV_MOST_PARTS) return false;
  if (part->total > 0 && (part->number < 1 || part->number > part->total)) {
    return false;
  }
  if (part->size < 1 || part->size > APV_LARGEST_OFFSET) return false;
  return part->offset >= 0 && part->offset <= APV_LARGEST_OFFSET;
}

/* --- texts ---------------------------------------------------------------- */

size_t apv_form_text_size(const struct apv_part *part) {
  size_t id_size = part->video_id ? strlen(part->video_id) : 0;
  return FRAME_SIZE + id_size + 3 * strlen(part->file_name);
}

/* Nobody who made the file can have known it. */
static void write_boundary(struct apv_random *random, char *out) {
  static const char digits[] = "0123456789abcdef";
  unsigned char bits[BOUNDARY_SIZE / 2];
  apv_random_bytes(random, bits, sizeof bits);
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

static void write_range(char *out, const struct apv_part *part) {
  if (part->total > 0) {
    sprintf(out, "Content-Range: part %d/%d", part->number, part->total);
  } else {
    sprintf(out, "Content-Range: part %d/*", part->number);
  }
}

void apv_form_init(
  struct apv_form *form, const struct apv_part *part, struct apv_random *random,
  char *text
) {
  char boundary[BOUNDARY_SIZE + 1];
  write_boundary(random, boundary);
  *form = (struct apv_form){
    .file = apv_file_share(part->file),
    .data = part->data,
    .offset = part->offset,
    .size = part->size,
    .head = text,
  };
  text = write_head(text, part, boundary);
  form->head_size = (size_t)(text - form->head);
  form->tail = text;
  form->tail_size = (size_t)sprintf(text, "\r\n--%s--\r\n", boundary);
  form->content_type = text + form->tail_size + 1;
  int size = sprintf(
    form->content_type, "Content-Type: multipart/form-data; boundary=%s",
    boundary
  );
  /* Whole files have no range: it would be another form of upload. */
  if (part->number == 0) return;
  form->content_range = form->content_type + size + 1;
  write_range(form->content_range, part);
}

void apv_form_drop(struct apv_form *form) {
  apv_file_drop(form->file);
  form->file = NULL;
}

/* --- bytes ---------------------------------------------------------------- */

long long apv_form_size(const struct apv_form *form) {
  return (long long)(form->head_size + form->tail_size) + form->size;
}

const char *apv_form_problem(const struct apv_form *form) {
  return form->file ? apv_file_problem(form->file) : NULL;
}

void apv_form_rewind(struct apv_form *form) {
  form->at = 0;
}

/* Copies one piece of the form, or what there is room for, to `out`. NULL, or
** what is wrong. */
static const char *read_piece(
  const struct apv_form *form, char *out, size_t *size
) {
  long long at = form->at;
  const char *from = form->head;
  long long left = (long long)form->head_size - at;
  bool in_source = left <= 0;
  if (in_source) {
    at -= (long long)form->head_size;
    left = form->size - at;
    from = form->data ? form->data + form->offset : NULL;
  }
  if (left <= 0) {
    at -= form->size;
    left = (long long)form->tail_size - at;
    from = form->tail;
    in_source = false;
  }
  if ((long long)*size > left) *size = (size_t)left;
  if (*size > 0 && in_source && form->file != NULL) {
    return apv_file_read(form->file, out, *size, form->offset + at);
  }
  if (*size > 0) memcpy(out, from + at, *size);
  return NULL;
}

const char *apv_form_read(struct apv_form *form, char *out, size_t *size) {
  size_t room = *size;
  *size = 0;
  while (*size < room && !apv_form_is_whole(form)) {
    size_t count = room - *size;
    const char *problem = read_piece(form, out + *size, &count);
    if (problem != NULL) return problem;
    *size += count;
    form->at += (long long)count;
  }
  return NULL;
}

bool apv_form_is_whole(const struct apv_form *form) {
  return form->at == apv_form_size(form);
}

long long apv_form_progress(const struct apv_form *form) {
  long long read = form->at - (long long)form->head_size;
  if (read < 0) return 0;
  return read < form->size ? read : form->size;
}
