/* Which URLs a client may be given. */
#include "internal.h"

#include <string.h>

/* "127.evil.example" is a name: all of it must be of an address. */
static bool is_loopback(const char *host) {
  if (strncmp(host, "127.", 4) == 0) {
    return strspn(host, "0123456789.") == strlen(host);
  }
  return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0;
}

static bool is_loopback_url(CURLU *url) {
  char *host = NULL;
  if (curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK) return false;
  bool loopback = is_loopback(host);
  curl_free(host);
  return loopback;
}

static bool has_part(CURLU *url, CURLUPart part) {
  char *text = NULL;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return false;
  curl_free(text);
  return true;
}

static const char *parsed_base_problem(CURLU *url, const char *text) {
  if (curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK) {
    return "is not a URL";
  }
  if (has_part(url, CURLUPART_USER) || has_part(url, CURLUPART_PASSWORD)) {
    return "must not hold a user name or password";
  }
  if (strncmp(text, "https:", 6) != 0 && !is_loopback_url(url)) {
    return "must start with https:// (http:// is for loopback hosts only)";
  }
  return NULL;
}

const char *apv_base_url_problem(const char *text) {
  if (strncmp(text, "https://", 8) != 0 && strncmp(text, "http://", 7) != 0) {
    return "must start with https://";
  }
  if (!apv_text_is_valid(text, strlen(text)) || strchr(text, ' ') != NULL) {
    return "is not a URL";
  }
  if (strpbrk(text, "?#") != NULL) return "must not have a query or fragment";
  CURLU *url = curl_url();
  if (url == NULL) return "cannot be checked: not enough memory";
  const char *problem = parsed_base_problem(url, text);
  curl_url_cleanup(url);
  return problem;
}

static bool is_proxy_scheme(const char *scheme) {
  static const char *const schemes[] = {
    "http", "https", "socks4", "socks4a", "socks5", "socks5h",
  };
  for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
    if (strcmp(scheme, schemes[i]) == 0) return true;
  }
  return false;
}

static const char *parsed_proxy_problem(CURLU *url, const char *text) {
  char *scheme = NULL;
  unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_GUESS_SCHEME;
  CURLUcode code = curl_url_set(url, CURLUPART_URL, text, flags);
  if (code == CURLUE_OK) {
    code = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
  }
  if (code != CURLUE_OK) {
    return "is not the URL of a proxy";
  }
  bool known = is_proxy_scheme(scheme);
  curl_free(scheme);
  return known ? NULL : "must start with http://, https:// or socks5://";
}

const char *apv_proxy_problem(const char *text) {
  if (*text == '\0') return NULL;
  if (!apv_text_is_valid(text, strlen(text)) || strchr(text, ' ') != NULL) {
    return "is not the URL of a proxy";
  }
  CURLU *url = curl_url();
  if (url == NULL) return "cannot be checked: not enough memory";
  const char *problem = parsed_proxy_problem(url, text);
  curl_url_cleanup(url);
  return problem;
}
