/* What an answer says about the service's limits and when to come back. */
#include "internal.h"

#include <string.h>
#include <strings.h>
#include <time.h>

static bool is_named(struct apv_slice name, const char *wanted) {
  return name.size == strlen(wanted) &&
         strncasecmp(name.data, wanted, name.size) == 0;
}

/* A number that is none leaves what was there. */
static void read_number(struct apv_slice value, long long *number) {
  long long read;
  if (apv_slice_number(value, &read)) *number = read;
}

/* By the answer's own clock, if it says what that is; never in the past. */
static long long seconds_until(const apv_call *call, long long then) {
  struct apv_slice date;
  long long now = (long long)time(NULL);
  if (apv_call_header(call, "Date", &date)) apv_http_date(date, &now);
  return then > now ? then - now : 0;
}

struct apv_limits apv_call_limits(const apv_call *call) {
  struct apv_limits limits = {-1, -1, -1, -1};
  struct apv_slice name, value;
  size_t position = 0;
  while (apv_call_next_header(call, &position, &name, &value)) {
    if (is_named(name, "X-RateLimit-Limit")) {
      read_number(value, &limits.limit);
    } else if (is_named(name, "X-RateLimit-Remaining")) {
      read_number(value, &limits.remaining);
    } else if (is_named(name, "X-RateLimit-Retry-After")) {
      read_number(value, &limits.window);
    } else if (is_named(name, "Retry-After")) {
      long long then;
      read_number(value, &limits.retry_after);
      if (apv_http_date(value, &then)) {
        limits.retry_after = seconds_until(call, then);
      }
    }
  }
  return limits;
}

/* The service names the seconds left in its window in every answer; they are
** a wait that it asks for only when the window is used up. */
long long apv_server_wait(const struct apv_limits *limits, long http_status) {
  if (limits->retry_after >= 0) return limits->retry_after;
  return http_status == 429 ? limits->window : -1;
}
