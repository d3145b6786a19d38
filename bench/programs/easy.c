/* usage: easy URL CALLS
**
** One call after the other, as lean as libcurl can: a handle that is set up
** once. */
#include <stdlib.h>

#include "request.h"

int main(int count, char **arguments) {
  if (count != 3) return 2;
  CURL *easy = request_new(arguments[1]);
  int calls = atoi(arguments[2]);
  for (int i = 0; i < calls; i++) {
    request_check(easy, curl_easy_perform(easy));
  }
  curl_easy_cleanup(easy);
  return 0;
}
