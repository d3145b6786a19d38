/* What failures mean whose words say it to experts only. */
#include "hint.h"

#include <string.h>

/* The first row whose words are in libcurl's own is the one. */
static const struct hint {
  enum apv_status status;
  const char *words;
  const char *meaning;
} hints[] = {
  {APV_TLS, "local issuer certificate",
   "no trusted authority vouches for the server's certificate"},
  {APV_TLS, "in certificate chain",
   "no trusted authority vouches for the server's certificate"},
  {APV_TLS, "setting certificate",
   "the CA file cannot be read, or holds no certificate"},
  /* Those of Windows' TLS. */
  {APV_TLS, "_UNTRUSTED_ROOT",
   "no trusted authority vouches for the server's certificate"},
  {APV_TLS, "CERT_TRUST_IS_PARTIAL_CHAIN",
   "no trusted authority vouches for the server's certificate"},
  {APV_TLS, "schannel: failed to open CA file",
   "the CA file cannot be read, or holds no certificate"},
  {APV_TLS, "schannel: did not add any certificates",
   "the CA file cannot be read, or holds no certificate"},
  {APV_TLS, "CERT_TRUST_IS_NOT_TIME_VALID",
   "the server's certificate has expired, or is not valid yet"},
  {APV_TLS, "SEC_E_CERT_EXPIRED",
   "the server's certificate has expired, or is not valid yet"},
  {APV_TLS, "failed to match connection hostname",
   "the server's certificate is for another host"},
  {APV_TLS, "SEC_E_WRONG_PRINCIPAL",
   "the server's certificate is for another host"},
  {APV_TLS, "protocol version", "no version of TLS from 1.2 on is in common"},
  {APV_TLS, "unsupported protocol",
   "no version of TLS from 1.2 on is in common"},
  {APV_TLS, "wrong version number",
   "what the server says on this port is not TLS"},
  {APV_TLS, "unexpected eof", "the connection ended in the TLS handshake"},
  {APV_TLS, "SSL_connect: ", "the connection ended in the TLS handshake"},
  /* One proxy says 401 where others say 407. */
  {APV_CONNECTION, "CONNECT tunnel failed, response 401",
   "the proxy wants a user name and password, or others"},
  {APV_CONNECTION, "CONNECT tunnel failed, response 407",
   "the proxy wants a user name and password, or others"},
  {APV_CONNECTION, "No authentication method was acceptable",
   "the proxy wants a user name and password, or others"},
  {APV_CONNECTION, "CONNECT tunnel failed",
   "the proxy did not connect to the server"},
};

/* libcurl's message does not say whether the peer was the proxy.
** CURLINFO_USED_PROXY needs 8.7, so only the option is considered. */
static bool is_unreachable_proxy(
  enum apv_status status, bool by_proxy, const char *words
) {
  return by_proxy && status == APV_CONNECTION &&
         strstr(words, "Failed to connect to") != NULL;
}

const char *apv_hint(enum apv_status status, bool by_proxy, const char *words) {
  if (is_unreachable_proxy(status, by_proxy, words)) {
    return "the proxy cannot be reached";
  }
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
    const struct hint *hint = &hints[i];
    if (hint->status == status && strstr(words, hint->words) != NULL) {
      return hint->meaning;
    }
  }
  return NULL;
}
