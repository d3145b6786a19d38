/* What is set up once for the whole process, and never taken down: the host
** may use libcurl as well, and a resolver thread of libcurl may outlive the
** Lua state that asked for it. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* dladdr() and RTLD_NODELETE in glibc's headers */
#endif
#include "internal.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool initialised;

void apv_keep_loaded(void (*code)(void)) {
#ifdef RTLD_NODELETE
  Dl_info info;
  void *address; /* C has no cast for it, POSIX has the same bits */
  memcpy(&address, &code, sizeof address);
  if (dladdr(address, &info) == 0 || info.dli_fname == NULL) return;
  dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
#else
  (void)code;
#endif
}

/* This code, and with it libcurl. */
static void stay_loaded(void) {
  apv_keep_loaded(stay_loaded);
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
