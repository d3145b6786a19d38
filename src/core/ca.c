/* Where the certificates of the certificate authorities are. */
#include "internal.h"

#include <stdlib.h>
#include <unistd.h>

/* libcurl's compiled-in place may be missing: a binary built on one
** distribution and run on another. */
static const char *const usual_places[] = {
  "/etc/ssl/certs/ca-certificates.crt", /* Debian, Alpine, Arch */
  "/etc/pki/tls/certs/ca-bundle.crt", /* Fedora, RHEL */
  "/etc/ssl/ca-bundle.pem", /* openSUSE */
  "/etc/ssl/cert.pem", /* macOS, BSD */
};

static bool readable(const char *path) {
  return access(path, R_OK) == 0;
}

const char *apv_default_ca_file(void) {
  const char *named = getenv("SSL_CERT_FILE");
  if (named != NULL && *named != '\0') return named;
#if LIBCURL_VERSION_NUM >= 0x075400
  const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
  if (info->age < CURLVERSION_TENTH) return NULL;
  if (info->cainfo == NULL || readable(info->cainfo)) return info->cainfo;
  for (size_t i = 0; i < sizeof usual_places / sizeof *usual_places; i++) {
    if (readable(usual_places[i])) return usual_places[i];
  }
#else
  (void)usual_places;
  (void)readable;
#endif
  return NULL;
}
