/* What an answer says about the service's limits and when to come back. */
#include "internal.h"

#include <time.h>

/* The last of the numbers that the header gives, or -1. */
static long long read_number(const apv_call *call, const char *name) {
  struct apv_slice value;
  size_t position = 0;
  long long read, number = -1;
  while (apv_call_next_named(call, &position, name, &value)) {
    if (apv_slice_number(value, &read)) number = read;
  }
  return number;
}

/* Seconds, or a date by the answer's own clock, if it says what that is; a date
** in the past is now, and what is neither says nothing. */
static long long read_wait(const apv_call *call, struct apv_slice value) {
  struct apv_slice date;
  long long seconds, now;
  if (apv_slice_number(value, &seconds)) return seconds;
  if (!apv_http_date(value, &seconds)) return -1;
  if (!apv_call_header(call, "Date", &date) || !apv_http_date(date, &now)) {
    now = (long long)time(NULL);
  }
  return seconds > now ? seconds - now : 0;
}

struct apv_limits apv_call_limits(const apv_call *call) {
  struct apv_limits limits = {
    .limit = read_number(call, "X-RateLimit-Limit"),
    .remaining = read_number(call, "X-RateLimit-Remaining"),
    .window = read_number(call, "X-RateLimit-Retry-After"),
    .retry_after = -1,
  };
  struct apv_slice value, wait = {NULL, 0};
  size_t position = 0;
  while (apv_call_next_named(call, &position, "Retry-After", &value)) {
    wait = value;
  }
  /* Once, however many there are. */
  if (wait.size > 0) limits.retry_after = read_wait(call, wait);
  return limits;
}

/* The service names the seconds left in its window in every answer; they are
** a wait that it asks for only when the window is used up. */
long long apv_server_wait(const struct apv_limits *limits, long http_status) {
  if (limits->retry_after >= 0) return limits->retry_after;
  return http_status == 429 ? limits->window : -1;
}
