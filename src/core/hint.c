/* What failures mean whose words say it to experts only. Facts come first;
** libcurl's words, which change between versions, are the last resort. */
#include "hint.h"

#include <string.h>

static const char WANTS_PASSWORD[] =
  "the proxy wants a user name and password, or others";
static const char NOT_VOUCHED_FOR[] =
  "no trusted authority vouches for the server's certificate";
static const char NOT_VALID_NOW[] =
  "the server's certificate has expired, or is not valid yet";
static const char FOR_ANOTHER_HOST[] =
  "the server's certificate is for another host";
static const char NO_VERSION[] = "no version of TLS from 1.2 on is in common";
static const char NO_DESCRIPTOR[] =
  "too many files are open: no descriptor is left for a connection";
static const char CUT_OFF[] = "the connection ended in the TLS handshake";

/* One proxy says 401 where others say 407. */
static const char *hint_of_proxy(const struct apv_failure *failure) {
  enum { UNAUTHORIZED = 401, UNAUTHENTICATED = 407, REFUSED_FROM = 300 };
  long answer = failure->proxy_answer;
  if (answer == UNAUTHORIZED || answer == UNAUTHENTICATED) {
    return WANTS_PASSWORD;
  }
  return answer >= REFUSED_FROM ? "the proxy did not connect to the server"
                                : NULL;
}

/* OpenSSL's X509_V_ERR_…: no issuer, and those that sign themselves. */
static bool is_not_vouched_for(long verify_result) {
  return verify_result >= 18 && verify_result <= 21;
}

/* The first row whose words are in libcurl's own is the one. */
static const struct hint {
  enum apv_status status;
  const char *words;
  const char *meaning;
} hints[] = {
  {APV_TLS, "local issuer certificate", NOT_VOUCHED_FOR},
  {APV_TLS, "in certificate chain", NOT_VOUCHED_FOR},
  /* Those of Windows. */
  {APV_TLS, "_UNTRUSTED_ROOT", NOT_VOUCHED_FOR},
  {APV_TLS, "CERT_TRUST_IS_PARTIAL_CHAIN", NOT_VOUCHED_FOR},
  {APV_TLS, "CERT_TRUST_IS_NOT_TIME_VALID", NOT_VALID_NOW},
  {APV_TLS, "SEC_E_CERT_EXPIRED", NOT_VALID_NOW},
  {APV_TLS, "failed to match connection hostname", FOR_ANOTHER_HOST},
  {APV_TLS, "SEC_E_WRONG_PRINCIPAL", FOR_ANOTHER_HOST},
  {APV_TLS, "protocol version", NO_VERSION},
  {APV_TLS, "unsupported protocol", NO_VERSION},
  {APV_TLS, "wrong version number",
   "what the server says on this port is not TLS"},
  {APV_TLS, "unexpected eof", CUT_OFF},
  {APV_TLS, "SSL_connect: ", CUT_OFF},
  {APV_TLS, "Broken pipe", CUT_OFF},
  {APV_CONNECTION, "No authentication method was acceptable", WANTS_PASSWORD},
};

static const char *hint_of_words(const struct apv_failure *failure) {
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
    const struct hint *hint = &hints[i];
    if (hint->status != failure->status) continue;
    if (strstr(failure->words, hint->words) != NULL) return hint->meaning;
  }
  return NULL;
}

/* libcurl's message does not say whether the peer was the proxy.
** CURLINFO_USED_PROXY needs 8.7, so only the option is considered. */
static bool is_unreachable_proxy(const struct apv_failure *failure) {
  return failure->proxied && failure->status == APV_CONNECTION &&
         failure->proxy_answer == 0 &&
         strstr(failure->words, "Failed to connect to") != NULL;
}

const char *apv_hint(const struct apv_failure *failure) {
  if (failure->lacks_descriptors) return NO_DESCRIPTOR;
  if (failure->status == APV_CONNECTION) {
    const char *hint = hint_of_proxy(failure);
    if (hint != NULL) return hint;
    if (is_unreachable_proxy(failure)) return "the proxy cannot be reached";
  }
  if (failure->status == APV_TLS) {
    if (failure->bad_ca_file) {
      return "the CA file cannot be read, or holds no certificate";
    }
    if (is_not_vouched_for(failure->verify_result)) return NOT_VOUCHED_FOR;
  }
  return hint_of_words(failure);
}
