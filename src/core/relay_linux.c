/* Linux: a thread that waits for an epoll set. It touches nothing but two
** descriptors, takes no signal, and ends when the socket does. */
#ifdef __linux__
#include "posix.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <unistd.h>

#include "memory.h"
#include "relay.h"
#include "system.h"

struct apv_relay {
  int epoll; /* what is watched, the timer and the socket */
  int timer;
  int listener; /* -1 once somebody has connected */
  int socket; /* -1 before that */
  bool running; /* the thread, which the fields above are fixed for */
  pthread_t thread;
  struct sockaddr_un address; /* its folder exists while `listener` does */
  struct apv_relay *next;
};

static struct apv_relay *relays; /* of this process */

/* --- the folder ----------------------------------------------------------- */

/* Bytes of "/s", behind the folder. */
enum { NAME_SIZE = 2 };

/* Makes a folder in `parent` and its socket's name from it. */
static bool make_folder(struct sockaddr_un *address, const char *parent) {
  static const char pattern[] = "apivideo-XXXXXX";
  if (parent == NULL || *parent != '/') return false;
  size_t size = strlen(parent) + 1 + sizeof pattern;
  if (size + NAME_SIZE > sizeof address->sun_path) return false;
  snprintf(
    address->sun_path, sizeof address->sun_path, "%s/%s", parent, pattern
  );
  if (mkdtemp(address->sun_path) == NULL) return false;
  strcat(address->sun_path, "/s");
  address->sun_family = AF_UNIX;
  return true;
}

static bool make_some_folder(struct sockaddr_un *address) {
  return make_folder(address, getenv("TMPDIR")) ||
         make_folder(address, "/tmp") || make_folder(address, "/dev/shm");
}

static void close_listener(struct apv_relay *relay) {
  char *path = relay->address.sun_path;
  if (relay->listener >= 0) close(relay->listener);
  relay->listener = -1;
  if (*path == '\0') return;
  unlink(path);
  path[strlen(path) - NAME_SIZE] = '\0';
  rmdir(path);
  *path = '\0';
}

/* --- life ----------------------------------------------------------------- */

enum apv_status apv_relay_new(struct apv_relay **out) {
  *out = NULL;
  struct apv_relay *relay = apv_allocate(sizeof *relay);
  if (relay == NULL) return APV_NO_MEMORY;
  enum apv_status status = APV_NO_MEMORY;
  relay->epoll = apv_system_above_standard(epoll_create1(EPOLL_CLOEXEC));
  relay->timer = apv_system_above_standard(
    timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)
  );
  relay->socket = -1;
  relay->listener = apv_system_above_standard(
    socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)
  );
  relay->next = relays;
  relays = relay;
  if (relay->epoll < 0 || relay->timer < 0 || relay->listener < 0) goto fail;
  status = APV_UNSUPPORTED;
  struct sockaddr_un *address = &relay->address;
  if (!make_some_folder(address)) goto fail;
  if (bind(relay->listener, (struct sockaddr *)address, sizeof *address) != 0 ||
      listen(relay->listener, 1) != 0) {
    goto fail;
  }
  *out = relay;
  return APV_OK;
fail:
  apv_relay_free(relay);
  return status;
}

const char *apv_relay_path(const struct apv_relay *relay) {
  return relay->address.sun_path;
}

static bool tell(const struct apv_relay *relay) {
  return send(relay->socket, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1;
}

/* Without end: the socket's wakes the thread. */
static void *run(void *relay_pointer) {
  const struct apv_relay *relay = relay_pointer;
  struct epoll_event events[8];
  for (;;) {
    int count = epoll_wait(relay->epoll, events, 8, -1);
    if (count < 0 && errno != EINTR) return NULL;
    for (int i = 0; i < count; i++) {
      if (events[i].data.fd == relay->socket) return NULL;
    }
    if (count <= 0) continue;
    /* A socket that is full has told already. */
    if (!tell(relay) && errno != EAGAIN && errno != EINTR) return NULL;
  }
}

static bool start_thread(struct apv_relay *relay) {
  enum { STACK_SIZE = 65536 };
  pthread_attr_t attributes;
  sigset_t all, before;
  if (pthread_attr_init(&attributes) != 0) return false;
  size_t size = STACK_SIZE;
  if (size < (size_t)PTHREAD_STACK_MIN) size = (size_t)PTHREAD_STACK_MIN;
  pthread_attr_setstacksize(&attributes, size);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  relay->running = pthread_create(&relay->thread, &attributes, run, relay) == 0;
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return relay->running;
}

static bool is_ours(int socket) {
  struct ucred peer;
  socklen_t size = sizeof peer;
  return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
         peer.pid == getpid();
}

static bool add(struct apv_relay *relay, uint32_t events, int fd) {
  struct epoll_event event = {.events = events, .data.fd = fd};
  return epoll_ctl(relay->epoll, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool apv_relay_begin(struct apv_relay *relay) {
  if (relay->socket >= 0) return false;
  relay->socket =
    apv_system_above_standard(accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC)
    );
  close_listener(relay);
  if (relay->socket < 0 || !is_ours(relay->socket)) return false;
  /* Told each time that the timer fires: nobody reads it. */
  return add(relay, EPOLLRDHUP, relay->socket) &&
         add(relay, EPOLLIN | EPOLLET, relay->timer) && start_thread(relay);
}

bool apv_relay_works(const struct apv_relay *relay) {
  char byte;
  return relay->running &&
         recv(relay->socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         errno == EAGAIN;
}

static void forget(struct apv_relay *relay) {
  struct apv_relay **link = &relays;
  while (*link != relay) link = &(*link)->next;
  *link = relay->next;
}

void apv_relay_free(struct apv_relay *relay) {
  if (relay == NULL) return;
  forget(relay);
  close_listener(relay);
  if (relay->socket >= 0) shutdown(relay->socket, SHUT_RDWR);
  if (relay->running) pthread_join(relay->thread, NULL);
  if (relay->socket >= 0) close(relay->socket);
  if (relay->timer >= 0) close(relay->timer);
  if (relay->epoll >= 0) close(relay->epoll);
  apv_release(relay, sizeof *relay);
}

/* --- telling -------------------------------------------------------------- */

bool apv_relay_watch(struct apv_relay *relay, int fd) {
  struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.fd = fd};
  if (epoll_ctl(relay->epoll, EPOLL_CTL_MOD, fd, &event) == 0) return true;
  return errno == ENOENT && add(relay, event.events, fd);
}

void apv_relay_leave(struct apv_relay *relay, int fd) {
  struct epoll_event event = {.events = 0};
  epoll_ctl(relay->epoll, EPOLL_CTL_DEL, fd, &event);
}

void apv_relay_remind(struct apv_relay *relay, double seconds) {
  double whole = floor(seconds);
  struct itimerspec when = {
    .it_value.tv_sec = (time_t)whole,
    .it_value.tv_nsec = (long)((seconds - whole) * 1e9) + 1, /* 0 is never */
  };
  timerfd_settime(relay->timer, 0, &when, NULL);
}

void apv_relay_tell(struct apv_relay *relay) {
  if (relay->socket >= 0) tell(relay);
}

void apv_relay_tell_all(void) {
  for (struct apv_relay *it = relays; it != NULL; it = it->next) {
    apv_relay_tell(it);
  }
}

#endif
