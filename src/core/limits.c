/* What an answer says about the service's limits and when to come back. */
#include "limits.h"

#include <string.h>
#include <time.h>

#include "date.h"
#include "slice.h"

static long long read_number(struct apv_slice value) {
  long long number;
  return apv_slice_number(value, &number) ? number : -1;
}

/* Seconds, rounded up where they have a fraction. */
static bool read_seconds(struct apv_slice value, long long *seconds) {
  const char *point = memchr(value.data, '.', value.size);
  if (point == NULL) return apv_slice_number(value, seconds);
  size_t whole = (size_t)(point - value.data);
  struct apv_slice fraction = {point + 1, value.size - whole - 1};
  long long parts;
  if (!apv_slice_number(fraction, &parts)) return false;
  if (!apv_slice_number((struct apv_slice){value.data, whole}, seconds)) {
    return false;
  }
  if (parts > 0) ++*seconds;
  return true;
}

/* Retry-After in seconds. A date is compared with the answer's own Date, or
** with this system's clock if it has none; one in the past is 0. -1: it is
** neither a number nor a date. */
static long long read_wait(struct apv_slice value, struct apv_slice date) {
  long long seconds, now;
  if (value.data == NULL) return -1;
  if (read_seconds(value, &seconds)) return seconds;
  if (!apv_http_date(value, &seconds)) return -1;
  if (!apv_http_date(date, &now)) now = (long long)time(NULL);
  return seconds > now ? seconds - now : 0;
}

struct apv_limits apv_limits_of(const struct apv_head *head) {
  const struct apv_slice *known = head->known;
  return (struct apv_limits){
    .limit = read_number(known[APV_RATE_LIMIT]),
    .remaining = read_number(known[APV_RATE_REMAINING]),
    .window = read_number(known[APV_RATE_WINDOW]),
    .retry_after = read_wait(known[APV_RETRY_AFTER], known[APV_DATE]),
  };
}

/* Every answer names the seconds left in the rate-limit window; only a 429 asks
** the client to wait for its end. */
long long apv_limits_wait(const struct apv_limits *limits, long http_status) {
  if (limits->retry_after >= 0) return limits->retry_after;
  return http_status == 429 ? limits->window : -1;
}
