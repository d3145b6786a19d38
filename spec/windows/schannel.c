/* libcurl alone: whether it takes a server whose authority nobody named.
**
**   schannel URL     ends with 0 if it does, with 1 if it does not */
#include <curl/curl.h>
#include <stdio.h>

int main(int argc, char **argv) {
  char problem[CURL_ERROR_SIZE] = "";
  if (argc != 2) return 2;
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *easy = curl_easy_init();
  curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
  curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, problem);
  CURLcode code = curl_easy_perform(easy);
  printf("%s: %d %s\n", curl_version(), (int)code, problem);
  curl_easy_cleanup(easy);
  curl_global_cleanup();
  return code != CURLE_OK;
}
