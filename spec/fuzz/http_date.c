/* Dates in header lines, against what the C library makes of them. */
#define _POSIX_C_SOURCE 200809L /* gmtime_r() */
#include "fuzz.h"

#include <curl/curl.h>
#include <string.h>
#include <time.h>

#include "../../src/core/date.h"

/* The date in the first of HTTP's forms, in the C locale of a program that
** has not set another. */
static size_t write_date(char *out, size_t size, long long seconds) {
  time_t then = (time_t)seconds;
  struct tm parts;
  PROMISE(gmtime_r(&then, &parts) != NULL);
  return strftime(out, size, "%a, %d %b %Y %H:%M:%S GMT", &parts);
}

static bool is_of_1970(long long seconds) {
  return seconds < 365 * 86400;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char date[64];
  char text[128];
  long long seconds = -1;
  long long again;
  if (!apv_http_date((struct apv_slice){(const char *)data, size}, &seconds)) {
    return 0;
  }
  PROMISE(seconds >= 0 && seconds <= 253402300800);
  /* The last second of the year 9999 may be a leap second. */
  if (seconds == 253402300800) return 0;
  size_t written = write_date(date, sizeof date, seconds);
  PROMISE(apv_http_date((struct apv_slice){date, written}, &again));
  PROMISE(again == seconds);
  /* Another's opinion, which takes names of days for more than they are, and
  ** short years for others. */
  if (size >= sizeof text || memchr(data, 0, size) != NULL) return 0;
  memcpy(text, data, size);
  text[size] = '\0';
  if (strchr(text, '-') != NULL) return 0; /* two digits of a year */
  bool has_zone = memcmp(text + size - 3, "GMT", 3) == 0;
  time_t other = curl_getdate(has_zone ? strchr(text, ',') : text + 3, NULL);
  PROMISE(other == -1 || other == (time_t)seconds || is_of_1970(seconds));
  return 0;
}
