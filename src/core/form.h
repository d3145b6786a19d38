/* A part of an upload as the body of a request: a form with the video's id and
** the file, whose bytes are read when they are asked for. */
#ifndef APV_FORM_H
#define APV_FORM_H

#include "apv.h"
#include "random.h"

APV_HIDDEN

/* The form is head, bytes of the source, tail. */
struct apv_form {
  const char *head;
  size_t head_size;
  const char *tail;
  size_t tail_size;
  apv_file *file; /* a reference; NULL: the source is `data` */
  const char *data;
  long long offset; /* in the source */
  long long size;
  char *content_type; /* header lines */
  char *content_range; /* NULL: none */
  long long at; /* bytes that were read */
};

bool apv_part_is_valid(const struct apv_part *part);
/* Room for the texts of apv_form_init(). */
size_t apv_form_text_size(const struct apv_part *part);
/* Writes its texts to `text`, which must live as long as the form. */
void apv_form_init(
  struct apv_form *form, const struct apv_part *part, struct apv_random *random,
  char *text
);
/* Gives the file back. */
void apv_form_drop(struct apv_form *form);
/* Bytes in all. */
long long apv_form_size(const struct apv_form *form);
/* The file has not changed: NULL, or how it has. */
const char *apv_form_problem(const struct apv_form *form);
void apv_form_rewind(struct apv_form *form);
/* Reads what comes next, at most `*size` bytes; `*size` is then how many, 0 at
** the end. NULL, or how the file has changed. */
const char *apv_form_read(struct apv_form *form, char *out, size_t *size);
/* All of it was read. */
bool apv_form_is_whole(const struct apv_form *form);
/* Bytes of the source that were read. */
long long apv_form_progress(const struct apv_form *form);

APV_SHOWN

#endif
