/* Upload tokens in a poll(2) loop, in C alone: the core, without Lua. Each
** line of the standard input makes a token that is valid for so many seconds;
** whoever types is not kept waiting, and while nothing happens nothing runs.
**
** usage: poll
**
** APIVIDEO_API_KEY has the key; APIVIDEO_BASE_URL, where else to go than to
** the service. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apv.h"

/* What woke the loop. */
struct wakeups {
  long by_input;
  long by_client;
  long idle; /* of those, with nothing in flight */
};

/* The standard input, a line at a time; no stdio, which reads ahead. */
struct input {
  char line[64];
  size_t size;
  bool ended;
};

static void fail(const char *what, enum apv_status status) {
  fprintf(stderr, "poll: %s: %s\n", what, apv_status_text(status));
  exit(1);
}

static apv_client *new_client(void) {
  struct apv_settings settings;
  apv_settings_init(&settings);
  settings.api_key = getenv("APIVIDEO_API_KEY");
  const char *base_url = getenv("APIVIDEO_BASE_URL");
  if (base_url != NULL) settings.base_url = base_url;
  apv_client *client;
  enum apv_status status = apv_client_new(&settings, &client);
  if (status != APV_OK) fail("no client", status);
  return client;
}

/* --- calls ---------------------------------------------------------------- */

static void create_token(apv_client *client, const char *ttl) {
  char body[96];
  int size = snprintf(body, sizeof body, "{\"ttl\":%ld}", atol(ttl));
  struct apv_request request;
  apv_request_init(&request, APV_CREATE_TOKEN);
  request.body = body;
  request.body_size = (size_t)size;
  apv_call *call; /* ours: show_ended() frees it */
  enum apv_status status = apv_call_start(client, &request, &call);
  if (status != APV_OK) fail("no call", status);
}

static void show(const apv_call *call) {
  char text[160];
  if (apv_call_status(call) != APV_OK) {
    printf("failed: %s\n", apv_call_failure(call));
    return;
  }
  apv_redact(call, apv_call_body(call), text, sizeof text);
  printf(
    "%ld after %.0f ms: %s\n", apv_call_http_status(call),
    apv_call_elapsed(call) * 1000, text
  );
}

static void show_ended(apv_client *client) {
  apv_call *call;
  while ((call = apv_client_next_ended(client)) != NULL) {
    show(call);
    apv_call_free(call);
  }
}

/* --- the loop ------------------------------------------------------------- */

static void read_input(struct input *input, apv_client *client) {
  size_t room = sizeof input->line - input->size - 1;
  ssize_t got = read(STDIN_FILENO, input->line + input->size, room);
  input->ended = got <= 0;
  if (got > 0) input->size += (size_t)got;
  char *end;
  input->line[input->size] = '\0';
  while ((end = strchr(input->line, '\n')) != NULL) {
    *end = '\0';
    create_token(client, input->line);
    input->size -= (size_t)(end + 1 - input->line);
    memmove(input->line, end + 1, input->size + 1);
  }
  if (input->size == sizeof input->line - 1) input->size = 0; /* no number */
}

/* As poll(2) wants it: milliseconds, rounded up, or for ever. */
static int milliseconds(double seconds) {
  return seconds < 0 ? -1 : (int)ceil(seconds * 1000);
}

static struct wakeups run(apv_client *client) {
  struct wakeups wakeups = {0, 0, 0};
  struct input input = {.size = 0};
  struct pollfd entries[2] = {
    {.fd = STDIN_FILENO, .events = POLLIN},
    {.fd = -1, .events = POLLIN},
  };
  enum apv_status status = apv_client_fd(client, &entries[1].fd);
  if (status != APV_OK) fail("no descriptor", status);
  while (!input.ended || apv_client_in_flight(client) > 0) {
    bool idle = apv_client_in_flight(client) == 0;
    entries[0].fd = input.ended ? -1 : STDIN_FILENO;
    poll(entries, 2, milliseconds(apv_client_timeout(client)));
    if (entries[0].revents != 0) {
      wakeups.by_input++;
      read_input(&input, client);
    } else {
      wakeups.by_client++;
      wakeups.idle += idle;
    }
    apv_client_step(client, 0);
    show_ended(client);
  }
  return wakeups;
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  apv_client *client = new_client();
  struct wakeups wakeups = run(client);
  printf(
    "woken %ld times by the input, %ld by the client, %ld while idle\n",
    wakeups.by_input, wakeups.by_client, wakeups.idle
  );
  apv_client_free(client);
  return 0;
}
