/* Dates as HTTP has them, in the three forms of RFC 9110, section 5.6.7:
**   Sun, 06 Nov 1994 08:49:37 GMT
**   Sunday, 06-Nov-94 08:49:37 GMT
**   Sun Nov  6 08:49:37 1994
** Names of days are passed over: they say nothing that the date does not. */
#include "date.h"

#include <string.h>
#include <time.h>

#include "slice.h"

struct date {
  int year;
  int month; /* from 1 */
  int day;
  int hour;
  int minute;
  int second;
};

/* --- pieces: each moves `text` on, or returns false ----------------------- */

static bool skip(struct apv_slice *text, size_t size) {
  if (text->size < size) return false;
  text->data += size;
  text->size -= size;
  return true;
}

static bool take(struct apv_slice *text, const char *expected) {
  size_t size = strlen(expected);
  if (text->size < size || memcmp(text->data, expected, size) != 0) {
    return false;
  }
  return skip(text, size);
}

static bool take_number(struct apv_slice *text, size_t digits, int *number) {
  long long value;
  if (text->size < digits) return false;
  struct apv_slice piece = {text->data, digits};
  if (!apv_slice_number(piece, &value)) return false;
  *number = (int)value;
  return skip(text, digits);
}

static bool take_month(struct apv_slice *text, int *month) {
  static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  if (text->size < 3) return false;
  for (int i = 0; i < 12; i++) {
    if (memcmp(text->data, names + (size_t)3 * (size_t)i, 3) == 0) {
      *month = i + 1;
      return skip(text, 3);
    }
  }
  return false;
}

static bool take_time(struct apv_slice *text, struct date *date) {
  return take_number(text, 2, &date->hour) && take(text, ":") &&
         take_number(text, 2, &date->minute) && take(text, ":") &&
         take_number(text, 2, &date->second);
}

/* --- forms ---------------------------------------------------------------- */

static bool is_fixdate(struct apv_slice text, struct date *date) {
  return skip(&text, 3) && take(&text, ", ") &&
         take_number(&text, 2, &date->day) && take(&text, " ") &&
         take_month(&text, &date->month) && take(&text, " ") &&
         take_number(&text, 4, &date->year) && take(&text, " ") &&
         take_time(&text, date) && take(&text, " GMT") && text.size == 0;
}

/* Two digits of a year, which RFC 9110 takes for one that is at most 50 years
** to come, and in the past otherwise. */
static int full_year(int year, int now) {
  int full = now - now % 100 + year;
  return full > now + 50 ? full - 100 : full;
}

/* By this system's clock, to within a day. */
static int this_year(void) {
  static const double SECONDS = 365.2425 * 86400;
  return 1970 + (int)((double)time(NULL) / SECONDS);
}

static bool is_rfc850(struct apv_slice text, struct date *date) {
  const char *comma = text.size > 0 ? memchr(text.data, ',', text.size) : NULL;
  if (comma == NULL || !skip(&text, (size_t)(comma - text.data))) return false;
  bool good = take(&text, ", ") && take_number(&text, 2, &date->day) &&
              take(&text, "-") && take_month(&text, &date->month) &&
              take(&text, "-") && take_number(&text, 2, &date->year) &&
              take(&text, " ") && take_time(&text, date) &&
              take(&text, " GMT") && text.size == 0;
  date->year = full_year(date->year, this_year());
  return good;
}

static bool is_asctime(struct apv_slice text, struct date *date) {
  if (!skip(&text, 3) || !take(&text, " ")) return false;
  if (!take_month(&text, &date->month) || !take(&text, " ")) return false;
  bool one_digit = take(&text, " ");
  return take_number(&text, one_digit ? 1 : 2, &date->day) &&
         take(&text, " ") && take_time(&text, date) && take(&text, " ") &&
         take_number(&text, 4, &date->year) && text.size == 0;
}

/* --- seconds -------------------------------------------------------------- */

static bool is_leap(int year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in(int month, int year) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* From 1970-01-01 to the first day of the year. */
static long long days_before(int year) {
  long long before = year - 1;
  return before * 365 + before / 4 - before / 100 + before / 400 - 719162;
}

/* 60 is a leap second. */
static bool exists(const struct date *date) {
  return date->year >= 1970 && date->day >= 1 &&
         date->day <= days_in(date->month, date->year) && date->hour <= 23 &&
         date->minute <= 59 && date->second <= 60;
}

bool apv_http_date(struct apv_slice text, long long *seconds) {
  struct date date = {0};
  bool is_date = is_fixdate(text, &date) || is_rfc850(text, &date);
  if (!is_date && !is_asctime(text, &date)) return false;
  if (!exists(&date)) return false;
  long long days = days_before(date.year) + date.day - 1;
  for (int month = 1; month < date.month; month++) {
    days += days_in(month, date.year);
  }
  *seconds = ((days * 24 + date.hour) * 60 + date.minute) * 60 + date.second;
  return true;
}
