/* Linux: an epoll descriptor with libcurl's sockets and a timer in it. libcurl
** then moves by socket, not all at once, so that a step can be short. */
#ifdef __linux__
#include "posix.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "poller.h"
#include "system.h"

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
  CURL *easy, curl_socket_t fd, int what, void *context, void *known
) {
  struct apv_poller *poller = context;
  struct epoll_event event = {.events = events_for(what), .data.fd = fd};
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(poller->fd, EPOLL_CTL_DEL, fd, NULL);
    return 0;
  }
  int change = known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
  if (epoll_ctl(poller->fd, change, fd, &event) != 0) poller->unwatched = easy;
  if (known == NULL) curl_multi_assign(poller->multi, fd, poller);
  return 0;
}

static int watch_timer(CURLM *multi, long ms, void *context) {
  (void)multi;
  struct apv_poller *poller = context;
  double now = apv_system_now();
  poller->curl_at = ms < 0 ? INFINITY : now + (double)ms / 1000.0;
  return 0;
}

/* --- life ----------------------------------------------------------------- */

/* Switches a running multi handle to the socket interface;
** curl_multi_socket_all() reports the sockets it already has. */
static CURLMcode tell_libcurl(struct apv_poller *poller) {
  int running;
  CURLM *multi = poller->multi;
  curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
  curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, poller);
  curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, watch_timer);
  curl_multi_setopt(multi, CURLMOPT_TIMERDATA, poller);
#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
#endif
  return curl_multi_socket_all(multi, &running);
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
}

enum apv_status apv_poller_begin(struct apv_poller *poller, CURLM *multi) {
  struct epoll_event event = {.events = EPOLLIN};
  *poller = (struct apv_poller
  ){.timer_at = INFINITY, .curl_at = INFINITY, .multi = multi};
  poller->fd = apv_system_above_standard(epoll_create1(EPOLL_CLOEXEC));
  poller->timer = apv_system_above_standard(
    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)
  );
  poller->on = true;
  event.data.fd = poller->timer;
  if (poller->fd < 0 || poller->timer < 0) goto fail;
  if (epoll_ctl(poller->fd, EPOLL_CTL_ADD, poller->timer, &event) != 0) {
    goto fail;
  }
  poller->code = tell_libcurl(poller);
  poller->curl_at = apv_system_now(); /* it may have ended transfers */
  return APV_OK;
fail:
  apv_poller_end(poller);
  return APV_NO_MEMORY;
}

void apv_poller_end(struct apv_poller *poller) {
  if (!poller->on) return;
  if (poller->fd >= 0) close(poller->fd);
  if (poller->timer >= 0) close(poller->timer);
  apv_poller_leave(poller);
}

void apv_poller_leave(struct apv_poller *poller) {
  *poller = (struct apv_poller){0};
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
static void clear_timer(struct apv_poller *poller) {
  uint64_t times;
  if (read(poller->timer, &times, sizeof times) > 0)
    poller->timer_at = INFINITY;
}

CURLMcode apv_poller_move(struct apv_poller *poller) {
  struct epoll_event events[EVENTS];
  double start = apv_system_now();
  CURLMcode code = CURLM_OK;
  int running;
  if (poller->curl_at <= start) {
    poller->curl_at = INFINITY;
    code =
      curl_multi_socket_action(poller->multi, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  int count = epoll_wait(poller->fd, events, EVENTS, 0);
  for (int i = 0; i < count && code == CURLM_OK; i++) {
    if (events[i].data.fd == poller->timer) {
      clear_timer(poller);
      continue;
    }
    if (apv_system_now() - start > TURN) break; /* it will be told again */
    code = curl_multi_socket_action(
      poller->multi, events[i].data.fd, curl_events(events[i].events), &running
    );
  }
  if (poller->code != CURLM_OK) code = poller->code;
  poller->code = CURLM_OK; /* whom it concerns ends now */
  return code;
}

void apv_poller_wait(const struct apv_poller *poller, int ms) {
  struct pollfd entry = {.fd = poller->fd, .events = POLLIN};
  poll(&entry, 1, ms);
}

/* A timer that is too early is left to fire: moving it with every call would
** cost each of them more than the one turn that finds nothing to do. */
void apv_poller_arm(struct apv_poller *poller, double at) {
  struct itimerspec when = {.it_value.tv_sec = 0};
  if (!poller->on || at == poller->timer_at) return;
  if (at > poller->timer_at && at < INFINITY) return;
  if (at < INFINITY) {
    double whole = floor(at);
    when.it_value.tv_sec = (time_t)whole;
    when.it_value.tv_nsec = (long)((at - whole) * 1e9);
    if (at <= 0) when.it_value.tv_nsec = 1; /* 0 would be never */
  }
  timerfd_settime(poller->timer, TFD_TIMER_ABSTIME, &when, NULL);
  poller->timer_at = at;
}

#endif
