/* Which URLs a client may be given. */
#include "url.h"

#include <curl/curl.h>
#include <string.h>

#include "slice.h"

bool apv_url_is_secure(const char *url) {
  return strncmp(url, "https:", 6) == 0;
}

/* Whether all of the host is an address of 127.0.0.0/8: "127.evil.example" and
** "127.0.0.1.5" are names. */
static bool is_loopback_address(const char *host) {
  enum { NUMBERS = 4 };
  if (strncmp(host, "127.", 4) != 0) return false;
  for (int i = 0; i < NUMBERS; i++) {
    long long number;
    size_t size = strcspn(host, ".");
    if (size > 3 || !apv_slice_number((struct apv_slice){host, size}, &number))
      return false;
    if (number > 255 || (host[size] == '.') == (i == NUMBERS - 1)) return false;
    host += size + 1;
  }
  return true;
}

static bool is_loopback(const char *host) {
  return is_loopback_address(host) || strcmp(host, "localhost") == 0 ||
         strcmp(host, "[::1]") == 0;
}

static enum apv_status invalid(const char **problem, const char *text) {
  *problem = text;
  return APV_INVALID;
}

/* A part of the URL, to be freed with curl_free(); NULL: it has none. */
static enum apv_status get_part(CURLU *url, CURLUPart part, char **text) {
  *text = NULL;
  CURLUcode code = curl_url_get(url, part, text, 0);
  return code == CURLUE_OUT_OF_MEMORY ? APV_NO_MEMORY : APV_OK;
}

static enum apv_status has_part(CURLU *url, CURLUPart part, bool *has) {
  char *text;
  enum apv_status status = get_part(url, part, &text);
  *has = text != NULL;
  curl_free(text);
  return status;
}

static enum apv_status has_user(CURLU *url, bool *has) {
  enum apv_status status = has_part(url, CURLUPART_USER, has);
  if (status != APV_OK || *has) return status;
  return has_part(url, CURLUPART_PASSWORD, has);
}

static enum apv_status parse(
  CURLU *url, const char *text, unsigned flags, const char **problem,
  const char *words
) {
  switch (curl_url_set(url, CURLUPART_URL, text, flags)) {
    case CURLUE_OK: return APV_OK;
    case CURLUE_OUT_OF_MEMORY: return APV_NO_MEMORY;
    default: return invalid(problem, words);
  }
}

/* --- base URLs ------------------------------------------------------------ */

static enum apv_status check_loopback(CURLU *url, const char **problem) {
  char *host;
  enum apv_status status = get_part(url, CURLUPART_HOST, &host);
  if (status != APV_OK) return status;
  bool loopback = host != NULL && is_loopback(host);
  curl_free(host);
  if (loopback) return APV_OK;
  return invalid(
    problem, "must start with https:// (http:// is for loopback hosts only)"
  );
}

static enum apv_status check_tls(const char **problem) {
  if (curl_version_info(CURLVERSION_NOW)->ssl_version != NULL) return APV_OK;
  return invalid(problem, "takes TLS, which this libcurl does not have");
}

static enum apv_status check_parsed_base(
  CURLU *url, const char *text, const char **problem
) {
  bool user;
  unsigned flags = CURLU_NON_SUPPORT_SCHEME;
  enum apv_status status = parse(
    url, text, flags, problem, "is not a URL such as https://ws.api.video"
  );
  if (status == APV_OK) status = has_user(url, &user);
  if (status != APV_OK) return status;
  if (user) return invalid(problem, "must not hold a user name or password");
  if (apv_url_is_secure(text)) return check_tls(problem);
  return check_loopback(url, problem);
}

/* Whether a host stands behind the scheme, without escapes: libcurl decodes
** them, so that it could hold anything, and passes over more slashes. */
static bool has_plain_host(const char *text) {
  const char *host = strstr(text, "://") + 3;
  size_t size = strcspn(host, "/");
  return size > 0 && memchr(host, '%', size) == NULL;
}

enum apv_status apv_check_base_url(const char *text, const char **problem) {
  if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0) {
    return invalid(problem, "must start with https://");
  }
  if (strlen(text) > APV_LONGEST_TEXT) {
    return invalid(problem, "must be at most 65536 bytes");
  }
  bool readable = apv_text_is_valid(text, strlen(text));
  if (!readable || strchr(text, ' ') != NULL || !has_plain_host(text)) {
    return invalid(problem, "is not a URL such as https://ws.api.video");
  }
  if (strpbrk(text, "?#") != NULL) {
    return invalid(problem, "must not have a query or fragment");
  }
  CURLU *url = curl_url();
  if (url == NULL) return APV_NO_MEMORY;
  enum apv_status status = check_parsed_base(url, text, problem);
  curl_url_cleanup(url);
  return status;
}

/* --- proxies -------------------------------------------------------------- */

static bool is_proxy_scheme(const char *scheme) {
  static const char *const schemes[] = {
    "http", "https", "socks4", "socks4a", "socks5", "socks5h",
  };
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    if (strcmp(scheme, schemes[i]) == 0) return true;
  }
  return false;
}

/* Older libcurls end a password at its first @: the rest would be the beginning
** of a host, which they look up, and quote. */
static enum apv_status check_proxy_host(CURLU *url, bool *plausible) {
  char *host;
  enum apv_status status = get_part(url, CURLUPART_HOST, &host);
  *plausible = host != NULL && strchr(host, '@') == NULL;
  curl_free(host);
  return status;
}

static const char NO_PROXY_URL[] =
  "is not the URL of a proxy, such as http://127.0.0.1:3128";

static enum apv_status check_parsed_proxy(
  CURLU *url, const char *text, const char **problem
) {
  char *scheme = NULL;
  bool plausible = false;
  unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME;
  enum apv_status status = parse(url, text, flags, problem, NO_PROXY_URL);
  if (status == APV_OK) status = check_proxy_host(url, &plausible);
  if (status != APV_OK) return status;
  if (!plausible) return invalid(problem, NO_PROXY_URL);
  status = get_part(url, CURLUPART_SCHEME, &scheme);
  if (status != APV_OK) return status;
  if (scheme == NULL) return invalid(problem, NO_PROXY_URL);
  bool known = is_proxy_scheme(scheme);
  curl_free(scheme);
  if (known) return APV_OK;
  return invalid(problem, "must start with http://, https:// or socks5://");
}

enum apv_status apv_check_proxy(const char *text, const char **problem) {
  if (*text == '\0') return APV_OK;
  if (!apv_text_is_valid(text, strlen(text)) || strchr(text, ' ') != NULL) {
    return invalid(problem, NO_PROXY_URL);
  }
  CURLU *url = curl_url();
  if (url == NULL) return APV_NO_MEMORY;
  enum apv_status status = check_parsed_proxy(url, text, problem);
  curl_url_cleanup(url);
  return status;
}
