/* A libcurl handle: the one place where the options are set that keep requests
** safe. */
#include "easy.h"

#include "library.h"

/* Seconds after which an unused connection is not used again: servers and load
** balancers close theirs after a minute, often without being heard. */
enum { LONGEST_IDLE = 50 };

/* Seconds after which a connection takes no more requests: a new one notices
** that the service's name leads elsewhere. */
enum { LONGEST_LIFE = 600 };

#define SET(option, value) \
  do { \
    CURLcode set_code = curl_easy_setopt(easy, option, value); \
    if (set_code != CURLE_OK) return set_code; \
  } while (0)

/* What a libcurl may do without. */
#define SET_IF_KNOWN(option, value) \
  do { \
    CURLcode set_code = curl_easy_setopt(easy, option, value); \
    if (set_code != CURLE_OK && !apv_library_lacks(set_code)) return set_code; \
  } while (0)

/* Only HTTPS, or HTTP where the base URL was allowed to be. */
static CURLcode set_protocols(CURL *easy, bool secure) {
  CURLcode code = CURLE_UNKNOWN_OPTION;
#if LIBCURL_VERSION_NUM >= 0x075500
  const char *name = secure ? "https" : "http";
  code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, name);
#endif
  if (!apv_library_lacks(code)) return code;
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
  long protocol = secure ? CURLPROTO_HTTPS : CURLPROTO_HTTP;
  return curl_easy_setopt(easy, CURLOPT_PROTOCOLS, protocol);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

/* Always verified. libcurl keeps a bundle that it has read; with a directory
** beside it, it reads 50 ms anew for each connection. */
static CURLcode set_trust(CURL *easy, const struct apv_origin *origin) {
  SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
  SET(CURLOPT_SSL_VERIFYPEER, 1L);
  SET(CURLOPT_SSL_VERIFYHOST, 2L);
#ifdef CURLSSLOPT_REVOKE_BEST_EFFORT
  /* Windows' TLS asks whether certificates were revoked: authorities that do
  ** not say, private ones for example, are as good as others. */
  SET_IF_KNOWN(CURLOPT_SSL_OPTIONS, (long)CURLSSLOPT_REVOKE_BEST_EFFORT);
#endif
  if (origin->ca_file == NULL) return CURLE_OK;
  SET(CURLOPT_CAINFO, origin->ca_file);
  SET_IF_KNOWN(CURLOPT_CAPATH, NULL);
  return CURLE_OK;
}

/* No redirects, since they carry credentials elsewhere. */
static CURLcode set_safety(CURL *easy, const struct apv_origin *origin) {
  CURLcode code = set_protocols(easy, origin->secure);
  if (code == CURLE_OK && origin->secure) code = set_trust(easy, origin);
  if (code != CURLE_OK) return code;
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  SET_IF_KNOWN(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
  SET(CURLOPT_NOSIGNAL, 1L);
#if LIBCURL_VERSION_NUM >= 0x075700
  /* A deadline does not wait for a resolver thread that hangs. */
  SET_IF_KNOWN(CURLOPT_QUICK_EXIT, 1L);
#endif
  return CURLE_OK;
}

/* A proxy over TLS is trusted like the service. Where a libcurl has no such
** proxies, there is nothing to set. */
static CURLcode set_proxy_trust(CURL *easy, const struct apv_origin *origin) {
  SET_IF_KNOWN(CURLOPT_PROXY_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
#ifdef CURLSSLOPT_REVOKE_BEST_EFFORT
  SET_IF_KNOWN(CURLOPT_PROXY_SSL_OPTIONS, (long)CURLSSLOPT_REVOKE_BEST_EFFORT);
#endif
  if (origin->ca_file == NULL) return CURLE_OK;
  SET_IF_KNOWN(CURLOPT_PROXY_CAINFO, origin->ca_file);
  SET_IF_KNOWN(CURLOPT_PROXY_CAPATH, NULL);
  return CURLE_OK;
}

/* Decided once, also that there is none: libcurl does not ask the environment
** for each request. It sees no header of ours. */
static CURLcode set_proxy(CURL *easy, const struct apv_origin *origin) {
  SET_IF_KNOWN(CURLOPT_PROXY, origin->proxy);
  SET_IF_KNOWN(CURLOPT_NOPROXY, origin->no_proxy);
  if (*origin->proxy == '\0') return CURLE_OK;
  SET(CURLOPT_HTTPPROXYTUNNEL, 1L);
  SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  SET(CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
  return set_proxy_trust(easy, origin);
}

/* Where libcurl would wait for the lookup that it gives up, see
** limit_connecting() in flight.c. */
static long connect_ms_of(const struct apv_origin *origin) {
  enum { ENDLESS = 1000000000 };
  long ms = (long)(origin->connect_timeout * 1000.0);
  if (!apv_library_gives_up_lookups()) return ENDLESS;
  return ms > 0 ? ms : 1;
}

static CURLcode set_connection(CURL *easy, const struct apv_origin *origin) {
  SET(CURLOPT_CURLU, origin->url);
  SET(CURLOPT_CONNECTTIMEOUT_MS, connect_ms_of(origin));
  if (!apv_library_gives_up_lookups()) {
    /* A transfer that takes another one's address waits for its own lookup in
    ** the end, and all wait with it. */
    SET(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  }
  /* A handshake that hangs would hold up all that wait for it. */
  SET(CURLOPT_PIPEWAIT, 0L);
  SET(CURLOPT_TCP_KEEPALIVE, 1L);
  SET(CURLOPT_MAXAGE_CONN, (long)LONGEST_IDLE);
#if LIBCURL_VERSION_NUM >= 0x075000
  SET_IF_KNOWN(CURLOPT_MAXLIFETIME_CONN, (long)LONGEST_LIFE);
#endif
  return CURLE_OK;
}

enum apv_status apv_easy_new(const struct apv_origin *origin, CURL **out) {
  *out = NULL;
  CURL *easy = curl_easy_init();
  if (easy == NULL) return APV_NO_MEMORY;
  CURLcode code = set_safety(easy, origin);
  if (code == CURLE_OK) code = set_proxy(easy, origin);
  if (code == CURLE_OK) code = set_connection(easy, origin);
  if (code != CURLE_OK) {
    curl_easy_cleanup(easy);
    return apv_library_status(code);
  }
  *out = easy;
  return APV_OK;
}
