#include "many.h"

/* Sends those again that are done; returns how many were sent. */
static int recycle(CURLM *multi, int most, const struct many *it) {
  int sent = 0, left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    CURL *easy = message->easy_handle;
    request_check(easy, message->data.result);
    curl_multi_remove_handle(multi, easy);
    if (it->done != NULL) it->done(easy, it->context);
    if (sent == most) {
      curl_easy_cleanup(easy);
      continue;
    }
    curl_multi_add_handle(multi, easy);
    sent++;
  }
  return sent;
}

void many_run(const char *url, int calls, int at_once, const struct many *it) {
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)at_once);
  for (int i = 0; i < at_once && calls > 0; i++, calls--) {
    CURL *easy = request_new(url);
    if (it->prepare != NULL) it->prepare(easy);
    curl_multi_add_handle(multi, easy);
  }
  int running;
  for (;;) {
    curl_multi_perform(multi, &running);
    int sent = recycle(multi, calls, it);
    calls -= sent;
    if (running == 0 && sent == 0) break;
    if (sent == 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  curl_multi_cleanup(multi);
}
