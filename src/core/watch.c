/* A host's event loop: libcurl's sockets and the engine's next turn, in one
** descriptor that the host watches. On Linux that is an epoll descriptor: it
** is readable when something in it is.
**
** libcurl then moves by socket, not all at once, so a step can be short. */
#include "internal.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#ifdef __linux__

#include <poll.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum { EVENTS = 32 };

/* Seconds after which a host gets its turn: it has answers to look at. */
static const double TURN = 0.0005;

/* --- what libcurl wants --------------------------------------------------- */

static uint32_t events_for(int what) {
  switch (what) {
    case CURL_POLL_IN: return EPOLLIN;
    case CURL_POLL_OUT: return EPOLLOUT;
    default: return EPOLLIN | EPOLLOUT;
  }
}

static int watch_socket(
  CURL *easy, curl_socket_t fd, int what, void *client_pointer, void *known
) {
  (void)easy;
  apv_client *client = client_pointer;
  struct apv_watch *watch = &client->watch;
  struct epoll_event event = {.events = events_for(what), .data.fd = fd};
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(watch->epoll, EPOLL_CTL_DEL, fd, NULL);
    return 0;
  }
  int change = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (epoll_ctl(watch->epoll, change, fd, &event) != 0) watch->broken = true;
  if (known == NULL) curl_multi_assign(client->multi, fd, watch);
  return 0;
}

static int watch_timer(CURLM *multi, long ms, void *client_pointer) {
  (void)multi;
  apv_client *client = client_pointer;
  client->watch.curl_at = ms < 0 ? INFINITY : apv_now() + (double)ms / 1000.0;
  return 0;
}

/* --- life ----------------------------------------------------------------- */

/* From here on libcurl tells of its sockets; of those that it has already,
** when it is asked for all of them. */
static CURLMcode tell_libcurl(apv_client *client) {
  int running;
  CURLM *multi = client->multi;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, client);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, watch_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, client);
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
  /* Whoever begins with sockets never needs it; we begin in the middle. */
  return curl_multi_socket_all(multi, &running);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

enum apv_status apv_watch_begin(apv_client *client) {
  struct apv_watch *watch = &client->watch;
  struct epoll_event event = {.events = EPOLLIN};
  *watch = (struct apv_watch){.timer_at = INFINITY, .curl_at = INFINITY};
  watch->epoll = epoll_create1(EPOLL_CLOEXEC);
  watch->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  watch->on = true;
  event.data.fd = watch->timer;
  if (watch->epoll < 0 || watch->timer < 0) goto fail;
  if (epoll_ctl(watch->epoll, EPOLL_CTL_ADD, watch->timer, &event) != 0) {
    goto fail;
  }
  if (tell_libcurl(client) != CURLM_OK) watch->broken = true;
  watch->curl_at = apv_now(); /* it may have ended transfers */
  return APV_OK;
fail:
  apv_watch_end(client);
  return APV_NO_MEMORY;
}

void apv_watch_end(apv_client *client) {
  struct apv_watch *watch = &client->watch;
  if (!watch->on) return;
  if (watch->epoll >= 0) close(watch->epoll);
  if (watch->timer >= 0) close(watch->timer);
  *watch = (struct apv_watch){0};
}

/* --- moving on ------------------------------------------------------------ */

static int curl_events(uint32_t events) {
  int what = 0;
  if (events & EPOLLIN) what |= CURL_CSELECT_IN;
  if (events & EPOLLOUT) what |= CURL_CSELECT_OUT;
  if (events & (EPOLLERR | EPOLLHUP)) what |= CURL_CSELECT_ERR;
  return what;
}

/* The timer has fired; whoever needs it sets it anew. */
static void clear_timer(struct apv_watch *watch) {
  uint64_t times;
  if (read(watch->timer, &times, sizeof times) > 0) watch->timer_at = INFINITY;
}

CURLMcode apv_watch_move(apv_client *client) {
  struct apv_watch *watch = &client->watch;
  struct epoll_event events[EVENTS];
  double start = apv_now();
  CURLMcode code = CURLM_OK;
  int running;
  if (watch->curl_at <= start) {
    watch->curl_at = INFINITY;
    code =
      curl_multi_socket_action(client->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  int count = epoll_wait(watch->epoll, events, EVENTS, 0);
  for (int i = 0; i < count && code == CURLM_OK; i++) {
    if (events[i].data.fd == watch->timer) {
      clear_timer(watch);
      continue;
    }
    if (apv_now() - start > TURN) break; /* it will be told again */
    code = curl_multi_socket_action(
      client->multi, events[i].data.fd, curl_events(events[i].events), &running
    );
  }
  if (watch->broken) code = CURLM_OUT_OF_MEMORY;
  watch->broken = false; /* whom it concerns ends now */
  return code;
}

void apv_watch_wait(const apv_client *client, int ms) {
  struct pollfd entry = {.fd = client->watch.epoll, .events = POLLIN};
  poll(&entry, 1, ms);
}

/* A timer that is too early is left to fire: moving it with every call would
** cost each of them more than the one turn that finds nothing to do. */
void apv_watch_arm(apv_client *client, double at) {
  struct apv_watch *watch = &client->watch;
  struct itimerspec when = {.it_value.tv_sec = 0};
  if (!watch->on || at == watch->timer_at) return;
  if (at > watch->timer_at && at < INFINITY) return;
  if (at < INFINITY) {
    double whole = floor(at);
    when.it_value.tv_sec = (time_t)whole;
    when.it_value.tv_nsec = (long)((at - whole) * 1e9);
    if (at <= 0) when.it_value.tv_nsec = 1; /* 0 would be never */
  }
  timerfd_settime(watch->timer, TFD_TIMER_ABSTIME, &when, NULL);
  watch->timer_at = at;
}

#else

enum apv_status apv_watch_begin(apv_client *client) {
  (void)client;
  return APV_UNSUPPORTED;
}

void apv_watch_end(apv_client *client) {
  (void)client;
}

CURLMcode apv_watch_move(apv_client *client) {
  (void)client;
  return CURLM_INTERNAL_ERROR;
}

void apv_watch_wait(const apv_client *client, int ms) {
  (void)client;
  (void)ms;
}

void apv_watch_arm(apv_client *client, double at) {
  (void)client;
  (void)at;
}

#endif
