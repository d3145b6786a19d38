#include "request.h"

#include <stdio.h>
#include <stdlib.h>

static size_t discard(char *data, size_t one, size_t size, void *context) {
  (void)data;
  (void)context;
  return one * size;
}

static struct curl_slist *headers(void) {
  const char *lines = getenv("BENCH_HEADERS"); /* one a line */
  struct curl_slist *list = NULL;
  char line[256];
  while (lines != NULL && *lines != '\0') {
    int size = 0;
    sscanf(lines, "%255[^\n]%n", line, &size);
    list = curl_slist_append(list, line);
    lines += size;
    if (*lines == '\n') lines++;
  }
  return list;
}

CURL *request_new(const char *url) {
  static struct curl_slist *lines;
  CURL *easy = curl_easy_init();
  if (easy == NULL) exit(1);
  if (lines == NULL) lines = headers();
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, lines);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, discard);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  return easy;
}

void request_check(CURL *easy, CURLcode code) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_OK && status == 200) return;
  fprintf(stderr, "%s, status %ld\n", curl_easy_strerror(code), status);
  exit(1);
}
