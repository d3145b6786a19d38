/* What the core's files share about uploads; included by internal.h. */
#ifndef APV_UPLOAD_H
#define APV_UPLOAD_H

#include <curl/curl.h>

#include "apv.h"

#if defined(__GNUC__)
#pragma GCC visibility push(hidden)
#endif

/* --- file.c --------------------------------------------------------------- */

/* One more reference. NULL is fine. */
apv_file *apv_file_share(apv_file *file);
/* NULL, or why it is not the file any more that was opened. */
const char *apv_file_problem(const apv_file *file);
/* Reads exactly `size` bytes; NULL, or why they cannot be had, or why they
** are not to be used. */
const char *apv_file_read(
  const apv_file *file, char *out, size_t size, long long offset
);

/* --- upload.c ------------------------------------------------------------- */

/* The body of an upload: head, bytes of the source, tail. */
struct apv_upload {
  const char *head;
  size_t head_size;
  const char *tail;
  size_t tail_size;
  apv_file *file; /* NULL: `data` */
  const char *data;
  long long offset; /* in the source */
  long long size;
  const char *video_id; /* "": the service does not know the video yet */
  long long at; /* bytes of the body that libcurl has taken */
  long long left; /* of them, those that have left for the network */
  bool whole; /* in this attempt it has taken all of them, perhaps to take them
              ** once more */
  char *content_type; /* header lines */
  char *content_range; /* NULL: none */
  struct curl_slist range_node;
  struct curl_slist expect_node;
};

bool apv_part_is_valid(const struct apv_part *part);
/* Room for the texts of apv_upload_init(). */
size_t apv_upload_text_size(const struct apv_part *part);
/* Writes them to `text`, which belongs to the call. */
void apv_upload_init(apv_call *call, const struct apv_part *part, char *text);
/* Puts the upload's header lines before the others. */
void apv_upload_link_headers(apv_call *call);
/* Starts the body anew. APV_FILE: the file has changed, and `broken` says
** how. */
enum apv_status apv_upload_begin(apv_call *call);
/* Writes what comes next of the body; CURL_READFUNC_ABORT: the file has
** changed, as above. */
size_t apv_upload_read(apv_call *call, char *out, size_t room);
long long apv_upload_body_size(const apv_call *call);
/* Whether libcurl has taken all of the body. */
bool apv_upload_is_whole(const apv_call *call);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#endif
