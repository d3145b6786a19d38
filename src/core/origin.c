/* Where a client's requests go. */
#include "origin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"
#include "memory.h"
#include "system.h"
#include "url.h"

/* --- the environment's proxy ---------------------------------------------- */

/* libcurl refuses to use it, but for hosts that NO_PROXY excepts. */
static const char NO_PROXY[] = "none://none";

/* The first variable that is set, and not empty; NULL: none is. */
static const char *first_of(const char *const *names) {
  for (; *names != NULL; names++) {
    const char *value = getenv(*names);
    if (value != NULL && *value != '\0') return value;
  }
  return NULL;
}

/* The variables that libcurl itself would read for HTTPS at each request. */
static const char *proxy_of_environment(void) {
  static const char *const names[] = {
    "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", NULL};
  return first_of(names);
}

static const char *no_proxy_of_environment(void) {
  static const char *const names[] = {"no_proxy", "NO_PROXY", NULL};
  return first_of(names);
}

/* Plain HTTP is for this machine only: a proxy would carry requests away from
** it in clear text. */
static bool set_proxy(
  struct apv_origin *origin, const struct apv_settings *settings
) {
  const char *proxy = settings->proxy;
  const char *exceptions = NULL;
  if (!origin->secure) {
    proxy = NULL;
  } else if (proxy == NULL) {
    proxy = proxy_of_environment();
    exceptions = no_proxy_of_environment();
    if (proxy != NULL) apv_check_proxy(proxy, &origin->proxy_problem);
    /* libcurl would quote it, with its password. */
    if (origin->proxy_problem != NULL) proxy = NO_PROXY;
  } else {
    origin->names_proxy = *proxy != '\0';
  }
  origin->proxy = apv_copy_text(proxy ? proxy : "");
  origin->no_proxy = apv_copy_text(exceptions ? exceptions : "");
  return origin->proxy != NULL && origin->no_proxy != NULL;
}

/* --- life ----------------------------------------------------------------- */

/* Copies a path, with bytes beyond ASCII as escapes, whatever libcurl does. */
static char *copy_escaped(const char *path) {
  char *copy = apv_allocate(3 * strlen(path) + 1), *out = copy;
  if (copy == NULL) return NULL;
  for (; *path != '\0'; path++) {
    out += sprintf(out, *path & 0x80 ? "%%%02X" : "%c", (unsigned char)*path);
  }
  return copy;
}

/* Copies the path of the base URL, as it is sent. */
static bool set_path(struct apv_origin *origin) {
  char *path;
  CURLUcode code = curl_url_get(origin->url, CURLUPART_PATH, &path, 0);
  if (code != CURLUE_OK) return false;
  size_t size = strlen(path);
  if (size > 0 && path[size - 1] == '/') path[size - 1] = '\0';
  origin->path = copy_escaped(path);
  curl_free(path);
  return origin->path != NULL;
}

/* libcurl opens files as the system's programs do, unless it was built for
** Windows' other way. */
static char *copy_path(const char *path) {
  char native[4096];
  size_t size = 0;
  if (!apv_library_opens_utf8()) {
    size = apv_system_native(path, native, sizeof native);
  }
  return apv_copy_text(size > 0 ? native : path);
}

enum apv_status apv_origin_init(
  struct apv_origin *origin, const struct apv_settings *settings
) {
  const char *ca_file = settings->ca_file;
  const char *base = settings->base_url;
  if (ca_file == NULL) ca_file = apv_library_ca_file();
  *origin = (struct apv_origin){
    .secure = apv_url_is_secure(base),
    .connect_timeout = settings->connect_timeout,
    .max_connections = settings->max_connections,
    .url = curl_url(),
  };
  if (origin->url == NULL) return APV_NO_MEMORY;
  if (curl_url_set(origin->url, CURLUPART_URL, base, 0) != CURLUE_OK) {
    return APV_NO_MEMORY;
  }
  if (ca_file != NULL) {
    origin->ca_file = copy_path(ca_file);
    if (origin->ca_file == NULL) return APV_NO_MEMORY;
  }
  bool complete = set_path(origin) && set_proxy(origin, settings);
  return complete ? APV_OK : APV_NO_MEMORY;
}

void apv_origin_free(struct apv_origin *origin) {
  curl_url_cleanup(origin->url);
  apv_release_text(origin->path);
  apv_release_text(origin->proxy);
  apv_release_text(origin->no_proxy);
  apv_release_text(origin->ca_file);
  *origin = (struct apv_origin){0};
}
