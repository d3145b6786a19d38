/* usage: multi URL CALLS AT_ONCE
**
** So many calls in flight, as lean as libcurl can: handles that are set up once
** and go back as soon as they are done. */
#include <stdlib.h>

#include "request.h"

/* Checks who is done and sends them again; returns how many were sent. */
static int recycle(CURLM *multi, int most) {
  int sent = 0, left;
  CURLMsg *message;
  while ((message = curl_multi_info_read(multi, &left)) != NULL) {
    CURL *easy = message->easy_handle;
    request_check(easy, message->data.result);
    curl_multi_remove_handle(multi, easy);
    if (sent == most) {
      curl_easy_cleanup(easy);
      continue;
    }
    curl_multi_add_handle(multi, easy);
    sent++;
  }
  return sent;
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  int calls = atoi(arguments[2]);
  int at_once = atoi(arguments[3]);
  CURLM *multi = curl_multi_init();
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)at_once);
  for (int i = 0; i < at_once && calls > 0; i++, calls--) {
    curl_multi_add_handle(multi, request_new(arguments[1]));
  }
  int running;
  for (;;) {
    curl_multi_perform(multi, &running);
    int sent = recycle(multi, calls);
    calls -= sent;
    if (running == 0 && sent == 0) break;
    if (sent == 0) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  curl_multi_cleanup(multi);
  return 0;
}
