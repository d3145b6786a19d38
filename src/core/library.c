/* What is set up once for the whole process, and never taken down: the host
** may use libcurl as well, and a resolver thread of libcurl may outlive the
** Lua state that asked for it. */
#include "library.h"

#include <stdio.h>
#include <stdlib.h>

#include "memory.h"
#include "system.h"

/* --- setting up ----------------------------------------------------------- */

/* This code, and with it libcurl. */
static void stay_loaded(void) {
  apv_system_keep_loaded(stay_loaded);
}

static enum apv_status initialise(void) {
  enum { OLDEST = 0x074200 };
  stay_loaded();
  apv_system_watch_forks();
  if (curl_version_info(CURLVERSION_NOW)->version_num < OLDEST) {
    return APV_UNSUPPORTED;
  }
  /* Without memory now, it may have some later. */
  return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? APV_OK
                                                           : APV_NO_MEMORY;
}

enum apv_status apv_library_init(void) {
  static enum apv_status status = APV_NO_MEMORY;
  apv_system_lock();
  if (status == APV_NO_MEMORY) status = initialise();
  enum apv_status now = status;
  apv_system_unlock();
  return now;
}

/* --- certificates --------------------------------------------------------- */

/* libcurl's compiled-in place may be missing: a binary built on one
** distribution and run on another. */
static const char *const usual_places[] = {
  "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
  "/etc/pki/tls/certs/ca-bundle.crt", /* Fedora, RHEL */
  "/etc/ssl/ca-bundle.pem", /* openSUSE */
  "/etc/ssl/cert.pem", /* macOS, BSD */
};

static bool is_readable(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file != NULL) fclose(file);
  return file != NULL;
}

/* libcurl's own, or NULL. */
static const char *own_ca_file(const curl_version_info_data *info) {
#if LIBCURL_VERSION_NUM >= 0x075400
  if (info->age >= CURLVERSION_TENTH) return info->cainfo;
#endif
  (void)info;
  return NULL;
}

const char *apv_library_ca_file(void) {
  const char *named = getenv("SSL_CERT_FILE");
  if (named != NULL && *named != '\0') return named;
  const char *own = own_ca_file(curl_version_info(CURLVERSION_NOW));
  if (own == NULL || is_readable(own)) return own;
  for (size_t i = 0; i < sizeof usual_places / sizeof *usual_places; i++) {
    if (is_readable(usual_places[i])) return usual_places[i];
  }
  return NULL;
}

/* --- what it can do ------------------------------------------------------- */

void apv_library(struct apv_library *library) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  library->curl = info->version;
  library->tls = info->ssl_version;
  library->http2 = (info->features & CURL_VERSION_HTTP2) != 0;
  library->threaded_lookup = (info->features & CURL_VERSION_ASYNCHDNS) != 0;
  library->ca_file = apv_library_ca_file();
}

static unsigned version(void) {
  static unsigned number;
  if (number == 0) number = curl_version_info(CURLVERSION_NOW)->version_num;
  return number;
}

bool apv_library_opens_utf8(void) {
#if LIBCURL_VERSION_NUM >= 0x074800
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  return (info->features & CURL_VERSION_UNICODE) != 0;
#else
  return false;
#endif
}

bool apv_library_asks(void) {
#if LIBCURL_VERSION_NUM >= 0x075000
  return version() >= 0x075000;
#else
  return false;
#endif
}

bool apv_library_trusts_connections(void) {
  return version() >= 0x081600;
}

bool apv_library_gives_up_lookups(void) {
  return version() >= 0x075700;
}

bool apv_library_guards_pipe(void) {
  return version() >= 0x075700;
}

bool apv_library_tells_long_lines(void) {
  return version() >= 0x080600;
}

const char *apv_library_warning(void) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (!(info->features & CURL_VERSION_ASYNCHDNS)) {
    return "this libcurl looks up names without a thread: a slow lookup holds "
           "up every call, and can outlast a deadline";
  }
  return NULL;
}

bool apv_library_lacks(CURLcode code) {
  return code == CURLE_NOT_BUILT_IN || code == CURLE_UNKNOWN_OPTION;
}

enum apv_status apv_library_status(CURLcode code) {
  if (code == CURLE_OK) return APV_OK;
  return code == CURLE_OUT_OF_MEMORY ? APV_NO_MEMORY : APV_UNSUPPORTED;
}

enum apv_status apv_library_multi_status(
  CURLMcode code, char words[APV_LIBRARY_WORDS]
) {
  *words = '\0';
  if (code == CURLM_OK) return APV_OK;
  if (code == CURLM_OUT_OF_MEMORY) return APV_NO_MEMORY;
  snprintf(
    words, APV_LIBRARY_WORDS, "libcurl cannot go on: %s",
    curl_multi_strerror(code)
  );
  return APV_CONNECTION;
}

/* --- its memory ----------------------------------------------------------- */

/* It may have an allocator that is not the core's: a text of ours becomes three
** times as large in its. */
bool apv_library_has_memory(void) {
  enum { SIZE = 100 * 1024 };
  char *text = apv_allocate(SIZE);
  if (text == NULL) return false;
  char *escaped = curl_easy_escape(NULL, text, SIZE);
  bool has = escaped != NULL;
  curl_free(escaped);
  apv_release(text, SIZE);
  return has;
}
