/* A request as a call keeps it: copies of its arguments, ready to be sent. */
#ifndef APV_REQUEST_H
#define APV_REQUEST_H

#include "apv.h"
#include "credentials.h"
#include "form.h"
#include "lines.h"
#include "random.h"
#include "secrets.h"
#include "transfer.h"

APV_HIDDEN

/* What a client gives to each of its requests. */
struct apv_request_context {
  const char *base_path; /* of the base URL, without a slash at its end */
  const struct apv_lines *lines; /* must outlive the requests */
  struct apv_credentials *credentials;
  struct apv_random *random;
};

/* All texts are in one block of the owner's. */
struct apv_outgoing {
  enum apv_operation operation;
  const char *token; /* "" when there is none */
  const char *secret;
  const char *body;
  size_t body_size;
  const char *target; /* the base URL's path, and `path` */
  const char *path; /* of the operation, with its query */
  const char *video_id; /* of an upload; "": the video is new */
  struct apv_form form; /* of an upload */
  const struct apv_lines *lines;
  struct apv_lines *own_lines; /* NULL: the client's are enough */
  struct apv_credentials *credentials; /* a reference */
};

bool apv_request_is_valid(const struct apv_request *request);
/* Room for the texts of apv_outgoing_init(). */
size_t apv_request_text_size(
  const struct apv_request *request, const struct apv_request_context *context
);
/* The request is valid. APV_NO_MEMORY: it is to be freed all the same. */
enum apv_status apv_outgoing_init(
  struct apv_outgoing *outgoing, const struct apv_request *request,
  const struct apv_request_context *context, char *text
);
void apv_outgoing_free(struct apv_outgoing *outgoing);

bool apv_outgoing_is_upload(const struct apv_outgoing *outgoing);
/* A second request does no harm: an upload may be sent again when the service
** knows the video. */
bool apv_outgoing_is_repeatable(const struct apv_outgoing *outgoing);
/* The request as a transfer sends it; the rest of `spec` is the caller's. */
void apv_outgoing_describe(
  struct apv_outgoing *outgoing, struct apv_transfer_spec *spec
);
struct apv_secrets apv_outgoing_secrets(const struct apv_outgoing *outgoing);
/* Writes the path with its query, secrets masked. */
size_t apv_outgoing_show(
  const struct apv_outgoing *outgoing, char *out, size_t size
);

APV_SHOWN

#endif
