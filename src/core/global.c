/* What is set up once for the whole process, and never taken down: the host
** may use libcurl as well, and a resolver thread of libcurl may outlive the
** Lua state that asked for it. */
#define _GNU_SOURCE /* dladdr() and RTLD_NODELETE in glibc's headers */
#include "internal.h"

#include <dlfcn.h>
#include <pthread.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static enum apv_status result;

/* Keeps this code, and with it libcurl, in memory when a host unloads it. */
static void stay_loaded(void) {
#ifdef RTLD_NODELETE
  Dl_info info;
  if (dladdr(&once, &info) == 0 || info.dli_fname == NULL) return;
  dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
#endif
}

static void initialise(void) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  stay_loaded();
  if (info->version_num < LIBCURL_VERSION_NUM) {
    result = APV_UNSUPPORTED; /* it lacks options that were compiled in */
  } else if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    result = APV_NO_MEMORY;
  }
}

enum apv_status apv_global_init(void) {
  pthread_once(&once, initialise);
  return result;
}

const char *apv_library_warning(void) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (info->features & CURL_VERSION_ASYNCHDNS) return NULL;
  return "this libcurl looks up names without a thread: a slow lookup holds "
         "up every call, and can outlast a deadline";
}
