/* What this build of the library stands on. */
#include "internal.h"

void apv_library(struct apv_library *library) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  library->curl = info->version;
  library->tls = info->ssl_version;
  library->http2 = (info->features & CURL_VERSION_HTTP2) != 0;
  library->threaded_lookup = (info->features & CURL_VERSION_ASYNCHDNS) != 0;
  library->ca_file = apv_default_ca_file();
}

const char *apv_library_warning(void) {
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (info->features & CURL_VERSION_ASYNCHDNS) return NULL;
  return "this libcurl looks up names without a thread: a slow lookup holds "
         "up every call, and can outlast a deadline";
}
