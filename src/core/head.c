/* The head of an answer. Where an answer ends is read strictly: libcurl takes
** the last of two lengths, and the digits of a length that is none. If it is
** wrong, a part of one answer becomes the answer to another request. */
#include "head.h"

#include <string.h>

#include "slice.h"
#include "text.h"

/* Of the lines of one head, and likewise of all lines that are ignored. */
enum { MOST_BYTES = 64 * 1024 };

static const char TOO_LARGE[] =
  "the answer's header lines are larger than 64 KiB";

void apv_head_reset(struct apv_head *head) {
  struct apv_buffer lines = head->lines;
  lines.size = 0;
  *head = (struct apv_head){.lines = lines};
}

void apv_head_free(struct apv_head *head) {
  apv_buffer_free(&head->lines);
  apv_head_reset(head);
}

/* --- lines ---------------------------------------------------------------- */

static struct apv_slice lines_of(const struct apv_head *head) {
  return (struct apv_slice){head->lines.data, head->lines.size};
}

/* Splits a line into the header's name and its value; false: it is none, as the
** status line, a folded line, and one whose name is none. */
static bool split(
  struct apv_slice line, struct apv_slice *name, struct apv_slice *value
) {
  const char *colon = memchr(line.data, ':', line.size);
  if (colon == NULL) return false;
  size_t size = (size_t)(colon - line.data);
  if (!apv_header_name_is_valid(line.data, size)) return false;
  *name = (struct apv_slice){line.data, size};
  *value = apv_slice_trim((struct apv_slice){colon + 1, line.size - size - 1});
  return true;
}

bool apv_head_next(
  const struct apv_head *head, size_t *position, struct apv_slice *name,
  struct apv_slice *value
) {
  struct apv_slice line;
  while (apv_slice_next_line(lines_of(head), position, &line)) {
    if (split(line, name, value)) return true;
  }
  return false;
}

bool apv_head_find(
  const struct apv_head *head, const char *name, struct apv_slice *value
) {
  size_t position = 0;
  struct apv_slice other;
  while (apv_head_next(head, &position, &other, value)) {
    if (apv_slice_is(other, name)) return true;
  }
  return false;
}

/* --- what the lines say --------------------------------------------------- */

/* "HTTP/1.1 200 OK", "HTTP/2 200": the status; 0: it is no status line. */
static long status_of(struct apv_slice line) {
  static const char *const versions[] = {
    "HTTP/1.1 ", "HTTP/2 ", "HTTP/3 ", "HTTP/1.0 "};
  enum { DIGITS = 3 };
  long long status;
  size_t size = 0;
  line = apv_slice_trim(line);
  for (size_t i = 0; size == 0 && i < sizeof versions / sizeof *versions; i++) {
    size_t length = strlen(versions[i]);
    if (line.size < length) continue;
    if (memcmp(line.data, versions[i], length) == 0) size = length;
  }
  if (size == 0 || line.size < size + DIGITS) return 0;
  struct apv_slice digits = {line.data + size, DIGITS};
  size += DIGITS;
  if (line.size > size && line.data[size] != ' ') return 0;
  return apv_slice_number(digits, &status) && status >= 100 ? (long)status : 0;
}

#define NAME(name) \
  { (name), sizeof(name) - 1 }

static const struct apv_slice names[APV_KNOWN_HEADERS] = {
  [APV_CONTENT_LENGTH] = NAME("Content-Length"),
  [APV_CONTENT_TYPE] = NAME("Content-Type"),
  [APV_DATE] = NAME("Date"),
  [APV_RATE_LIMIT] = NAME("X-RateLimit-Limit"),
  [APV_RATE_REMAINING] = NAME("X-RateLimit-Remaining"),
  [APV_RATE_WINDOW] = NAME("X-RateLimit-Retry-After"),
  [APV_RETRY_AFTER] = NAME("Retry-After"),
  [APV_TRANSFER_ENCODING] = NAME("Transfer-Encoding"),
};

/* The known header that a line begins with. Its size alone tells most others
** apart. */
static enum apv_known_header find_known(struct apv_slice line) {
  int which = 0;
  for (; which < APV_KNOWN_HEADERS; which++) {
    struct apv_slice name = names[which], start = {line.data, name.size};
    if (line.size <= name.size || line.data[name.size] != ':') continue;
    if (memcmp(line.data, name.data, name.size) == 0) break; /* most are */
    if (apv_slice_is(start, name.data)) break;
  }
  return (enum apv_known_header)which;
}

/* Of several headers of one name the last counts; of numbers, the last that is
** one; of types and dates, the first. */
static const char *note(
  struct apv_head *head, enum apv_known_header which, struct apv_slice value
) {
  struct apv_slice *known = &head->known[which];
  long long number, other;
  switch (which) {
    case APV_CONTENT_LENGTH:
      if (!apv_slice_number(value, &number)) {
        return "the answer's length is no number";
      }
      if (apv_slice_number(*known, &other) && number != other) {
        return "the answer has two lengths";
      }
      break;
    case APV_RATE_LIMIT:
    case APV_RATE_REMAINING:
    case APV_RATE_WINDOW:
      if (!apv_slice_number(value, &number)) return NULL;
      break;
    case APV_CONTENT_TYPE:
    case APV_DATE:
      if (known->data != NULL) return NULL;
      break;
    case APV_TRANSFER_ENCODING:
      if (head->multiplexed || apv_slice_is(value, "chunked")) break;
      return "the answer is encoded in a way that nobody asked for";
    default: break;
  }
  *known = value;
  return NULL;
}

static const char *read_lines(struct apv_head *head) {
  size_t position = 0;
  struct apv_slice line;
  while (apv_slice_next_line(lines_of(head), &position, &line)) {
    enum apv_known_header which = find_known(line);
    if (which == APV_KNOWN_HEADERS) continue;
    size_t size = names[which].size + 1; /* with the colon */
    struct apv_slice value = {line.data + size, line.size - size};
    const char *problem = note(head, which, apv_slice_trim(value));
    if (problem != NULL) return problem;
  }
  return NULL;
}

bool apv_head_announces_body(const struct apv_head *head) {
  long long length;
  if (head->known[APV_TRANSFER_ENCODING].data != NULL) return true;
  return apv_slice_number(head->known[APV_CONTENT_LENGTH], &length) &&
         length > 0;
}

bool apv_head_is_chunked(const struct apv_head *head) {
  return head->known[APV_TRANSFER_ENCODING].data != NULL && !head->multiplexed;
}

/* --- coming in ------------------------------------------------------------ */

/* After a provisional answer (1xx) comes another head. */
static const char *end_head(struct apv_head *head) {
  head->ended = true;
  head->final = head->status >= 200;
  return read_lines(head);
}

/* Counts bytes that are ignored, of which there may not be endlessly many. */
static const char *pass(struct apv_head *head, size_t size) {
  head->passed += size;
  return head->passed <= MOST_BYTES ? NULL : TOO_LARGE;
}

/* The provisional head before is replaced. */
static const char *begin_head(struct apv_head *head, struct apv_slice line) {
  size_t passed = head->passed + head->lines.size;
  apv_head_reset(head);
  head->lines.limit = MOST_BYTES;
  head->status = status_of(line);
  head->multiplexed = line.size > 5 && line.data[5] != '1'; /* "HTTP/2" */
  if (head->status == 0) return "the answer's status line is broken";
  return pass(head, passed);
}

enum apv_status apv_head_take(
  struct apv_head *head, struct apv_slice line, const char **problem
) {
  bool begins = head->ended || head->lines.size == 0;
  bool empty = line.size > 0 && (*line.data == '\r' || *line.data == '\n');
  *problem = NULL;
  if (head->final) {
    *problem = pass(head, line.size);
  } else if (empty && !begins) {
    *problem = end_head(head);
  } else {
    if (begins) *problem = begin_head(head, line);
    switch (apv_buffer_append(&head->lines, line.data, line.size)) {
      case APV_APPENDED: break;
      case APV_OVER_LIMIT: *problem = TOO_LARGE; break;
      case APV_APPEND_NO_MEMORY: return APV_NO_MEMORY;
    }
    if (memchr(line.data, '\0', line.size) != NULL) {
      *problem = "a header line of the answer has a zero in it";
    }
  }
  return *problem == NULL ? APV_OK : APV_PROTOCOL;
}
