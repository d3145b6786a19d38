/* The libcurl that is in use. See apv.h, too. */
#ifndef APV_LIBRARY_H
#define APV_LIBRARY_H

#include <curl/curl.h>

#include "apv.h"

#if LIBCURL_VERSION_NUM < 0x074200
#error "apivideo needs libcurl 7.66 or newer"
#endif

APV_HIDDEN

/* Sets libcurl up, once in a process. APV_UNSUPPORTED, APV_NO_MEMORY. */
enum apv_status apv_library_init(void);

/* The CA bundle to use: SSL_CERT_FILE, libcurl's own default, or a usual place
** when that does not exist here. NULL: libcurl trusts in a way of its own. */
const char *apv_library_ca_file(void);

/* It opens files by names in UTF-8, whatever the system's programs have. */
bool apv_library_opens_utf8(void);
/* It asks before each request, by CURLOPT_PREREQFUNCTION. */
bool apv_library_asks(void);
/* It takes a kept connection for alive that was so within the last second. */
bool apv_library_trusts_connections(void);
/* A name lookup that hangs does not hold up whoever gives it up. */
bool apv_library_gives_up_lookups(void);
/* It holds off SIGPIPE by itself. */
bool apv_library_guards_pipe(void);
/* It does not say of a header line that is too long what it says when it has no
** memory. */
bool apv_library_tells_long_lines(void);
/* It gets more memory than a header line may take, and so does the core. */
bool apv_library_has_memory(void);

/* The option is one that this libcurl does not have, by how setting it
** ended. */
bool apv_library_lacks(CURLcode code);
/* The same as a status: APV_OK, APV_NO_MEMORY, APV_UNSUPPORTED. */
enum apv_status apv_library_status(CURLcode code);
/* How a function of multi handles ended, as a status: APV_OK, APV_NO_MEMORY, or
** APV_CONNECTION for all that should not happen, which `words` then name; they
** are empty otherwise. */
enum { APV_LIBRARY_WORDS = 128 };
enum apv_status apv_library_multi_status(
  CURLMcode code, char words[APV_LIBRARY_WORDS]
);

APV_SHOWN

#endif
