/* What is set up once for the whole process, and never taken down: the host
** may use libcurl as well, and a resolver thread of libcurl may outlive the
** Lua state that asked for it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr() and RTLD_NODELETE in glibc's headers */
#endif
#include "internal.h"

#include <dlfcn.h>
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool initialised;

/* Keeps this code, and with it libcurl, in memory when a host unloads it. */
static void stay_loaded(void) {
#ifdef RTLD_NODELETE
  Dl_info info;
  if (dladdr(&initialised, &info) == 0 || info.dli_fname == NULL) return;
  dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
#endif
}

static enum apv_status initialise(void) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  stay_loaded();
  if (info->version_num < LIBCURL_VERSION_NUM) {
    return APV_UNSUPPORTED; /* it lacks options that were compiled in */
  }
  /* Without memory now, it may have some later. */
  if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return APV_NO_MEMORY;
  initialised = true;
  return APV_OK;
}

enum apv_status apv_global_init(void) {
  pthread_mutex_lock(&lock);
  enum apv_status status = initialised ? APV_OK : initialise();
  pthread_mutex_unlock(&lock);
  return status;
}
