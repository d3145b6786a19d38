/* Loaded before libcurl: while the file exists that APIVIDEO_LIBCURL names, the
** function of libcurl in its first word ends with the code in its second. With
** "memory" there is none for what grows to the size in the second. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static long planned(const char *function) {
  const char *path = getenv("APIVIDEO_LIBCURL");
  char name[64] = "", text[128] = "";
  long code = 0;
  FILE *file = path != NULL ? fopen(path, "r") : NULL;
  if (file == NULL) return 0;
  if (fgets(text, sizeof text, file) != NULL) {
    if (sscanf(text, "%63s %ld", name, &code) != 2) code = 0;
  }
  fclose(file);
  return strcmp(name, function) == 0 ? code : 0;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAILING(name, declared, given) \
  CURLMcode name declared { \
    long code = planned(#name); \
    return code != 0 ? (CURLMcode)code : REAL(name) given; \
  }

#undef curl_multi_socket_action
FAILING(curl_multi_perform, (CURLM * multi, int *running), (multi, running))
FAILING(
  curl_multi_socket_action,
  (CURLM * multi, curl_socket_t fd, int what, int *running),
  (multi, fd, what, running)
)
FAILING(curl_multi_add_handle, (CURLM * multi, CURL *easy), (multi, easy))
FAILING(
  curl_multi_poll,
  (CURLM * multi, struct curl_waitfd fds[], unsigned count, int ms, int *ready),
  (multi, fds, count, ms, ready)
)

void *realloc(void *block, size_t size) {
  enum { WORTH_A_LOOK = 4096 };
  static bool looking;
  if (size >= WORTH_A_LOOK && !looking) {
    looking = true;
    long most = planned("memory");
    looking = false;
    if (most != 0 && size >= (size_t)most) return NULL;
  }
  return REAL(realloc)(block, size);
}
