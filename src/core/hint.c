/* What failures mean whose words say it to experts only. */
#include "internal.h"

#include <string.h>

/* libcurl says the same of a proxy and of a server. Whether it took a proxy
** from the environment it tells from 8.7 on only. */
static bool is_unreachable_proxy(const apv_call *call) {
  return call->to_proxy && call->status == APV_CONNECTION &&
         strstr(call->failure, "Failed to connect to") != NULL;
}

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

static bool fits(const struct hint *hint, const apv_call *call) {
  if (hint->status != call->status) return false;
  return strstr(call->failure, hint->words) != NULL;
}

const char *apv_call_hint(const apv_call *call) {
  if (is_unreachable_proxy(call)) return "the proxy cannot be reached";
  for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
    if (fits(&hints[i], call)) return hints[i].meaning;
  }
  return NULL;
}
