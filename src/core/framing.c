/* Where an answer ends, by what its head says. libcurl is lenient there: it
** takes the last of two lengths, and the digits of a length that is none. If
** it is wrong, a part of one answer becomes the answer to another request. */
#include "internal.h"

const char *apv_length_problem(const apv_call *call) {
  struct apv_slice value;
  size_t position = 0;
  long long length = -1, other;
  while (apv_call_next_named(call, &position, "Content-Length", &value)) {
    if (!apv_slice_number(value, &other)) {
      return "the answer's length is no number";
    }
    if (length >= 0 && length != other) return "the answer has two lengths";
    length = other;
  }
  return NULL;
}

bool apv_announces_body(const apv_call *call) {
  struct apv_slice value;
  long long length;
  if (apv_call_header(call, "Transfer-Encoding", &value)) return true;
  return apv_call_header(call, "Content-Length", &value) &&
         apv_slice_number(value, &length) && length > 0;
}
